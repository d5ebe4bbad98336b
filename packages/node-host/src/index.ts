export { nodeCompression } from "./compression.ts";
export { type ListenAt, type Listener, type ListenOptions, listen } from "./listener.ts";
export { type NodePlatformOptions, nodePlatform } from "./node-platform.ts";
export { secureContext, type TlsIdentity } from "./tls.ts";
