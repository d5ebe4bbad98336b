import { Octet } from "@scop/wire";
import { type LineFault, LineFinder } from "./line-finder.ts";
import type { ServerOptions } from "./server-state.ts";

/** How the reading of a message in chunks goes on from one piece to the next. */
export interface ChunkReading {
  /** Whether the line ends of what comes are looked at: all of a message, or of a binary one the header alone. RFC 3030 3 */
  readonly watch: "all" | "header" | "nothing";
  /** Where the next octet stands: at the beginning of a line, within it, or after a CR. */
  readonly position: "start" | "inside" | "cr";
  /** Whether nothing but the CR stands before it on its line. */
  readonly empty: boolean;
}

/** The beginning of a message: `binary` as BODY=BINARYMIME said. */
export function chunkStart(binary: boolean): ChunkReading {
  return { watch: binary ? "header" : "all", position: "start", empty: true };
}

/** What was found in one piece. */
interface ChunkRead {
  readonly reading: ChunkReading;
  readonly fault: LineFault | undefined;
}

/**
 * Checks octets that are counted and not searched for an end: a CR or LF alone is a fault as it is in DATA, so is NUL unless it is accepted; in a binary message
 * only up to the empty line behind its header. RFC 3030 3, RFC 5321 2.3.8
 */
export function readChunk(from: ChunkReading, bytes: Uint8Array, nul: ServerOptions["nul"]): ChunkRead {
  if (from.watch === "nothing" || bytes.length === 0) return { reading: from, fault: undefined };
  const finder = new LineFinder(bytes, 0, bytes.length);
  const nulAt = nul === "accept" ? bytes.length : finder.nul();
  const read = (reading: ChunkReading, at: number, fault?: LineFault): ChunkRead => ({
    reading,
    fault: nulAt < at ? "nul" : fault,
  });
  let { position, empty } = from;
  let at = 0;
  while (at < bytes.length) {
    if (position === "cr") {
      if (bytes[at] !== Octet.lf) return read(from, at, "bare-cr");
      at += 1;
      if (empty && from.watch === "header") return read({ watch: "nothing", position: "inside", empty: false }, at);
      position = "start";
      empty = true;
      continue;
    }
    const cr = finder.cr(at);
    const lf = finder.lf(at);
    if (lf < cr) return read(from, lf, "bare-lf");
    empty &&= cr === at;
    position = cr === bytes.length ? (empty ? "start" : "inside") : "cr";
    at = Math.min(cr + 1, bytes.length);
  }
  return read({ watch: from.watch, position, empty }, bytes.length);
}

/** Whether a text may end here: a CR that waits for its LF is a bare one. */
export function endsInCr(reading: ChunkReading): boolean {
  return reading.watch !== "nothing" && reading.position === "cr";
}
