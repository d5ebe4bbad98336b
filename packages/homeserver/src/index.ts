export type { HomeserverIo, HomeserverOptions } from "./context.ts";
export { PeerFault, type PeerRequest, type Peers } from "./federation/port.ts";
export { createHomeserver, type Homeserver } from "./homeserver.ts";
export { BODY_OCTETS_MAX, type HttpAnswer, type HttpRequest, unsafeWay } from "./http.ts";
