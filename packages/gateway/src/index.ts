export { type DeskState, type GatewayOptions, type GatewayParts, membersChange, membersOf, stateOf } from "./desk.ts";
export { createGateway, type Gateway } from "./gateway.ts";
export { MEMBERS_MAX } from "./limits.ts";
