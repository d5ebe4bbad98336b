export type { HomeserverIo, HomeserverOptions, Who } from "./context.ts";
export { createPeers, type PeerParts } from "./federation/peers.ts";
export { PeerFault, type PeerRequest, type Peers } from "./federation/port.ts";
export type { PeerTransport } from "./federation/transport.ts";
export { type Brought, createHomeserver, type Homeserver } from "./homeserver.ts";
export { bodyOctetsMaxOf, type HttpAnswer, type HttpRequest, MatrixFault, unsafeWay } from "./http.ts";
export type { OwnOperation } from "./operations.ts";
