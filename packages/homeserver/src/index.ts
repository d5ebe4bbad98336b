export type { HomeserverIo, HomeserverOptions } from "./context.ts";
export { createHomeserver, type Homeserver } from "./homeserver.ts";
export { BODY_OCTETS_MAX, type HttpAnswer, type HttpRequest, unsafeWay } from "./http.ts";
