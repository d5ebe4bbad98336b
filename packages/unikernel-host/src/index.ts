export { type MxBoot, readMxBoot } from "./boot.ts";
export { runMx } from "./mx.ts";
export type { Native } from "./native.ts";
export { BootError } from "./options.ts";
export { type UnikernelPlatform, unikernelPlatform } from "./platform.ts";
export { type RemoteSignerOptions, remoteSigner, SignerFailed } from "./signer/remote-signer.ts";
