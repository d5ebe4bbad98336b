import { openBodyHashes, openSigning } from "@scop/dkim";
import { signAll } from "@scop/dkim/run";
import { parseHeader } from "@scop/mime";
import { concat, EMPTY, latin1Bytes } from "@scop/wire";
import type { TakenMessage } from "./header.ts";
import { type Passing, PLAIN } from "./passing.ts";
import type { Stage } from "./stage.ts";

/**
 * Begins to sign a submission with all keys of its author's domain; a domain without keys is not signed for. `message` has the whole header and
 * the first octets of the body, or all. Rejects where the signer can't be reached. RFC 6376 5
 */
export async function openMessageSigning(stage: Stage, message: TakenMessage): Promise<Passing> {
  const { signer, io } = stage;
  const { signedBy } = message;
  const keys = signer === undefined || signedBy === undefined ? [] : await signer.keys(signedBy);
  if (signer === undefined || keys.length === 0) return PLAIN;
  const start = concat(message.pieces);
  const { bodyOffset } = parseHeader(start);
  // Of a large message the header outlives the rest.
  const header = parseHeader(start.slice(0, bodyOffset));
  const body = openBodyHashes(io.crypto);
  const signing = openSigning(io.crypto, { header, body, keys, now: io.clock.now() });
  body.feed(start.subarray(bodyOffset));
  return {
    adds: "fields",
    feed: bytes => body.feed(bytes),
    finish: async () => {
      body.end();
      const fields = latin1Bytes(await signAll(signer, signing.fields()));
      io.metrics.count("mta_messages_signed_total");
      return { refusal: undefined, above: EMPTY, fields, flags: [], tallies: [] };
    },
  };
}
