import { CharClass, failed, type Parsed, parsed } from "@scop/wire";
import { ID_OCTETS_MAX } from "./limits.ts";
import { consistsOf, serverNameParts } from "./server-name.ts";

const RULE = "Client-server API, Matrix content URIs";
const SCHEME = "mxc://";

/** Where a file is. */
export interface MediaLocation {
  readonly server: string;
  /** 1 to 255 characters of letters, digits, `_` and `-`. */
  readonly mediaId: string;
}

/**
 * A Matrix content URI. Refused with the place: another scheme, no server name, a media id of other characters than letters, digits, `_`
 * and `-` (of dots and slashes paths are made) or of more than 255, which is our limit.
 *
 * mxc://<server-name>/<media-id>   Client-server API, Matrix content URIs
 */
export function parseMxc(uri: string): Parsed<MediaLocation> {
  if (!uri.startsWith(SCHEME)) return failed("mxc-scheme", 0, 0, RULE);
  const slash = uri.indexOf("/", SCHEME.length);
  const server = uri.slice(SCHEME.length, slash < 0 ? uri.length : slash);
  if (serverNameParts(server) === undefined) return failed("mxc-server", SCHEME.length, server.length, RULE);
  const mediaId = slash < 0 ? "" : uri.slice(slash + 1);
  if (!isMediaId(mediaId)) return failed("mxc-media-id", uri.length - mediaId.length, mediaId.length, RULE);
  return parsed({ server, mediaId });
}

/** The URI of a file whose place was read or is our own. */
export function formatMxc({ server, mediaId }: MediaLocation): string {
  return `${SCHEME}${server}/${mediaId}`;
}

/** Whether a text, of a path for instance, is the id of a file. */
export function isMediaId(text: string): boolean {
  if (text.length === 0 || text.length > ID_OCTETS_MAX) return false;
  return consistsOf(text, CharClass.alpha | CharClass.digit, "_-");
}
