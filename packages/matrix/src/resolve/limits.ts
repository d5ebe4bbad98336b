/** Server-server API, resolving server names: 24 hours where the answer does not say how long it lives. */
export const LIFETIME_MS: number = 24 * 3_600_000;
/** Server-server API, resolving server names: 48 hours, whatever the answer says. */
export const LIFETIME_MS_MAX: number = 48 * 3_600_000;
/** Ours: so that no server makes others ask it for every request. */
export const LIFETIME_MS_MIN = 300_000;
/** Server-server API, resolving server names: a failure is remembered for up to an hour. */
export const FAILURE_MS = 3_600_000;
/** Ours: octets of the answer. */
export const WELL_KNOWN_OCTETS_MAX = 51_200;
/** Ours: for one answer. */
export const WELL_KNOWN_MS_MAX = 30_000;
/** Ours: the specification wants redirects followed and loops avoided. */
export const REDIRECTS_MAX = 5;
/** Where a server listens that does not say where. */
export const PORT_DEFAULT = 8448;
/** Ours: places of a server that are tried. */
export const PLACES_MAX = 16;
/** Ours: servers whose well-known answers are remembered in memory. */
export const SERVERS_MAX = 10_000;
