/** No octets. Shared, because it cannot change. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** One byte string out of several. One alone is given back as it is. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  let octets = 0;
  for (const chunk of chunks) octets += chunk.length;
  if (octets === 0) return EMPTY;
  const whole = new Uint8Array(octets);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Whether two byte strings are equal. Not for secrets: see `equalConstantTime`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
