export type { HomeserverIo, HomeserverOptions } from "./context.ts";
export { createPeers, type PeerParts } from "./federation/peers.ts";
export { PeerFault, type PeerRequest, type Peers } from "./federation/port.ts";
export type { PeerTransport } from "./federation/transport.ts";
export { createHomeserver, type Homeserver } from "./homeserver.ts";
export { bodyOctetsMaxOf, type HttpAnswer, type HttpRequest, unsafeWay } from "./http.ts";
