/** Reads a body, or so much of it that it is seen to be too large; `crowded` where all bodies that come at the time are too much together. */
type ReadBody = (chunks: AsyncIterable<Uint8Array>, octetsMax: number) => Promise<Uint8Array | "crowded">;

/** Reads bodies that hold so many octets together while they come: many who send slowly take no more memory than that. */
export function bodyReader(octetsTogetherMax: number): ReadBody {
  let together = 0;
  return async (chunks, octetsMax) => {
    const pieces: Uint8Array[] = [];
    let octets = 0;
    try {
      for await (const piece of chunks) {
        pieces.push(piece);
        octets += piece.length;
        together += piece.length;
        if (together > octetsTogetherMax) return "crowded";
        if (octets > octetsMax) break;
      }
      return Buffer.concat(pieces);
    } finally {
      together -= octets;
    }
  };
}
