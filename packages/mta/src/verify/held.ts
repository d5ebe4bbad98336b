import { type Header, parseHeader } from "@scop/mime";
import type { Envelope, Reply, SessionFacts } from "@scop/smtp";
import { concat } from "@scop/wire";
import { isCutShort } from "../header.ts";
import { REPLY } from "../replies.ts";
import { withoutForgedResults } from "./forged-results.ts";
import { judgeMessage, type VerifyStage } from "./judgement.ts";

/** A message that was judged: why it does not go on, or what stands above our Received, below it, and the message itself. */
export type HeldJudgement =
  | { readonly refusal: Reply }
  | {
      readonly refusal: undefined;
      readonly above: Uint8Array;
      readonly fields: Uint8Array;
      readonly pieces: readonly Uint8Array[];
    };

/**
 * Verifies a message that is held in pieces, by the stage that judges what is stored: the octets of the message stay as they are, but results that say
 * that they are ours are gone. Takes at most 20 s.
 */
export async function judgeHeld(
  stage: VerifyStage,
  receiver: string,
  session: SessionFacts,
  envelope: Envelope,
  pieces: readonly Uint8Array[],
): Promise<HeldJudgement> {
  const { header, rest } = headOf(pieces);
  // What can't be verified could be from anybody.
  if (isCutShort(header, "whole")) return { refusal: REPLY.headerTooLarge };
  const { remote, helo } = session;
  const arrival = { address: remote.address, helo, reversePath: envelope.reversePath, receiver };
  const passing = judgeMessage(stage, arrival, header);
  for (const piece of rest) passing.feed(piece);
  const { refusal, above, fields } = await passing.finish();
  if (refusal !== undefined) return { refusal };
  return { refusal, above, fields, pieces: [...withoutForgedResults(header, receiver), ...rest] };
}

/** The header, with as many pieces as hold it joined, twice as many each time; and the pieces behind. */
function headOf(pieces: readonly Uint8Array[]): { readonly header: Header; readonly rest: readonly Uint8Array[] } {
  for (let count = 1; ; count *= 2) {
    const header = parseHeader(concat(pieces.slice(0, count)));
    if (count >= pieces.length || header.bodyOffset < header.bytes.length) return { header, rest: pieces.slice(count) };
  }
}
