import { type Header, parseAuthenticationResults } from "@scop/mime";

/** The message without results that say they are ours: only we say what we found. RFC 8601 5 */
export function withoutForgedResults({ bytes, header }: Header, hostname: string): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const field of header) {
    if (field.lowerName !== "authentication-results") continue;
    if (parseAuthenticationResults(bytes, field).server.toLowerCase() !== hostname) continue;
    if (field.offset > from) pieces.push(bytes.subarray(from, field.offset));
    from = field.offset + field.length;
  }
  pieces.push(from === 0 ? bytes : bytes.subarray(from));
  return pieces;
}
