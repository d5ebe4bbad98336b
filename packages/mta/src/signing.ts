import { openBodyHashes, openSigning } from "@scop/dkim";
import { signAll } from "@scop/dkim/run";
import { parseHeader } from "@scop/mime";
import { concat, EMPTY, latin1Bytes } from "@scop/wire";
import type { TakenMessage } from "./header.ts";
import type { Stage } from "./stage.ts";

/** The signing of a message whose body goes by. */
export interface MessageSigning {
  /** Octets of the fields that `finish` gives. */
  readonly octets: number;
  /** Octets of the body that come behind those that the signing began with. */
  feed(bytes: Uint8Array): void;
  /** The fields to put before the message. Rejects where the signer can't be reached: such a message is not taken. */
  finish(): Promise<Uint8Array>;
}

const UNSIGNED: MessageSigning = { octets: 0, feed: () => undefined, finish: async () => EMPTY };

/**
 * Begins to sign a submission with all keys of its author's domain; a domain without keys is not signed for. `message` has the whole header and
 * the first octets of the body, or all. Rejects where the signer can't be reached. RFC 6376 5
 */
export async function openMessageSigning(stage: Stage, message: TakenMessage): Promise<MessageSigning> {
  const { signer, io } = stage;
  const { signedBy } = message;
  const keys = signer === undefined || signedBy === undefined ? [] : await signer.keys(signedBy);
  if (signer === undefined || keys.length === 0) return UNSIGNED;
  const start = concat(message.pieces);
  const { bodyOffset } = parseHeader(start);
  // Of a large message the header outlives the rest.
  const header = parseHeader(start.slice(0, bodyOffset));
  const body = openBodyHashes(io.crypto);
  const signing = openSigning(io.crypto, { header, body, keys, now: io.clock.now() });
  body.feed(start.subarray(bodyOffset));
  return {
    octets: signing.octets,
    feed: bytes => body.feed(bytes),
    finish: async () => {
      body.end();
      const fields = latin1Bytes(await signAll(signer, signing.fields()));
      io.metrics.count("mta_messages_signed_total");
      return fields;
    },
  };
}
