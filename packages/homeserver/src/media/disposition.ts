import { utf8Bytes } from "@scop/wire";
import { CORS } from "../http.ts";

/** What a browser may show by itself: nothing of it runs or loads anything. Client-server API, content repository, serving inline content */
const SHOWN: ReadonlySet<string> = new Set([
  ...["text/css", "text/plain", "text/csv", "application/json", "application/ld+json"],
  ...["image/jpeg", "image/gif", "image/png", "image/apng", "image/webp", "image/avif"],
  ...["video/mp4", "video/webm", "video/ogg", "video/quicktime"],
  ...["audio/mp4", "audio/webm", "audio/aac", "audio/mpeg", "audio/ogg", "audio/wave", "audio/wav", "audio/x-wav"],
  ...["audio/x-pn-wav", "audio/flac", "audio/x-flac"],
]);
/** Images that a browser shows as they are. */
const IMAGES: ReadonlySet<string> = new Set(["image/jpeg", "image/gif", "image/png", "image/webp", "image/avif"]);

/** Whether a file is an image that is safe to show. */
export function isShownImage(contentType: string): boolean {
  return IMAGES.has(essenceOf(contentType));
}

/** The fields that a file of a stranger is given out with. RFC 6266 4 */
export function fileHeaders(contentType: string, name: string | undefined, octets: number): Record<string, string> {
  const kind = SHOWN.has(essenceOf(contentType)) ? "inline" : "attachment";
  return {
    ...CORS,
    "content-type": contentType,
    "content-length": String(octets),
    "content-disposition": name === undefined ? kind : `${kind}; filename*=utf-8''${percentEncoded(name)}`,
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "private, max-age=86400, immutable",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

function essenceOf(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase();
}

/** All but letters and digits by their octets. RFC 8187 3.2.1 */
function percentEncoded(text: string): string {
  let encoded = "";
  for (const octet of utf8Bytes(text)) {
    const character = String.fromCharCode(octet);
    encoded += /[A-Za-z0-9._-]/.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
