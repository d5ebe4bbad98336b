import { messagePieces, octetsOf } from "./compose-message.ts";
import type { StreamedDraft } from "./draft.ts";
import { Base64Lines } from "./encode-base64.ts";

/**
 * The octets of `composeMessage` in chunks, with content from sources that are waited for. A source is read when its turn comes, one piece
 * at a time, so what is held is one piece of it and one chunk of 64 KB. If a source fails, the message breaks off with its error.
 */
export async function* composeStream(draft: StreamedDraft): AsyncGenerator<Uint8Array, void> {
  for (const piece of messagePieces(draft)) {
    if (piece instanceof Uint8Array || Symbol.iterator in piece.content) {
      yield* octetsOf([piece]);
      continue;
    }
    const lines = new Base64Lines();
    for await (const bytes of piece.content) yield* lines.write(bytes);
    yield* lines.end();
  }
}
