export { BootError, type MxBoot, readMxBoot } from "./boot.ts";
export { runMx } from "./mx.ts";
export type { Native } from "./native.ts";
export { type UnikernelPlatform, unikernelPlatform } from "./platform.ts";
