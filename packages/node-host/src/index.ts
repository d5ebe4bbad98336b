export { nodeByteWork } from "./byte-work.ts";
export { type ListenAt, type Listener, type ListenOptions, listen } from "./listener.ts";
export { nodePlatform, type Observers } from "./node-platform.ts";
export { secureContext, type TlsIdentity } from "./tls.ts";
