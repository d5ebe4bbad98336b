import { answer, bye, perform, send, status } from "../answer.ts";
import type { CommandOf } from "../command.ts";
import { emptyFramer, hasPending } from "../framer.ts";
import type { Reader } from "../reader.ts";
import type { Turn } from "../session.ts";
import { ImapClass } from "../syntax.ts";

/** RFC 4978 6: compress = "COMPRESS" SP algorithm; algorithm = "DEFLATE" */
export function readCompress(reader: Reader): CommandOf<"COMPRESS"> | undefined {
  const algorithm = reader.space() ? reader.text(ImapClass.atom).toUpperCase() : "";
  return algorithm === "DEFLATE" ? { command: "COMPRESS" } : reader.fail("algorithm-unknown", "RFC 4978 3");
}

/** What compression a session has: `not-offered` where the host knows none. */
export type CompressionState = "not-offered" | "offered" | "active";

/** RFC 4978 3: the answer is the last that is sent as it is. */
export function compress(turn: Turn, tag: string): undefined {
  if (turn.compression === "not-offered") return answer(turn, status(tag, "NO", "Nothing is compressed here"));
  if (turn.compression === "active") {
    return answer(turn, status(tag, "NO", "DEFLATE is active already", { code: "COMPRESSIONACTIVE" }));
  }
  // What came behind the command can't have been compressed: whoever sent it did not wait for the answer.
  if (hasPending(turn.framer)) return bye(turn, "Nothing may follow COMPRESS");
  send(turn, status(tag, "OK", "DEFLATE active"));
  turn.job = { job: "compress" };
  perform(turn, { do: "compress" });
}

/** From here on the host compresses. */
export function onCompressed(turn: Turn): undefined {
  turn.framer = emptyFramer;
  turn.compression = "active";
  turn.job = { job: "none" };
}
