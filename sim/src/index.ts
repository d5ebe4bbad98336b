export { simulatedCrypto } from "./crypto.ts";
export type { DatagramService, SimulatedDatagrams } from "./datagrams.ts";
export type { Zone } from "./dns.ts";
export { GROWTH_MAX, growth } from "./growth.ts";
export type { SimulatedCertificate, SimulatedNet, Weather } from "./network.ts";
export { type SeededRandom, seededRandom } from "./random.ts";
export { type LoggedLine, type Simulation, simulation } from "./simulation.ts";
export { type VirtualTime, virtualTime } from "./virtual-time.ts";
