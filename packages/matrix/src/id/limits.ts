/** Octets of ids, types and state keys. Matrix appendices, common identifier format; client-server API, size limits */
export const ID_OCTETS_MAX = 255;

/** Characters of the host of a server name. Matrix appendices, server name */
export const HOST_CHARACTERS_MAX = 255;
