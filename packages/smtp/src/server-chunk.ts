import { assert, EMPTY } from "@scop/wire";
import { chunkStart, endsInCr, readChunk } from "./chunk-reader.ts";
import type { Command } from "./command.ts";
import { DATA_PROGRESS_OCTETS } from "./limits.ts";
import { type Reply, reply } from "./reply.ts";
import { faultOf } from "./server-body.ts";
import { dataFaultReply, says } from "./server-replies.ts";
import type { ServerPhase, ServerQuestion } from "./server-state.ts";
import { repliesFor, type Turn } from "./server-turn.ts";

type ChunkCommand = Pick<Command & { verb: "BDAT" }, "octets" | "last">;

/** BDAT where the table lets it through: the first of a message is for the handler to take, the next ones are read. RFC 3030 2 */
export function beginChunk(turn: Turn, { octets, last }: ChunkCommand): Turn {
  const { phase } = turn;
  const { options, session } = turn.state;
  if (!options.extensions.includes("CHUNKING")) return discardChunk(turn, octets, says.notImplemented);
  if (phase.phase === "rcpt") {
    return turn.ask({ ask: "data", session, envelope: phase.envelope, chunk: { octets, last } });
  }
  assert(phase.phase === "chunked", "the table lets BDAT through after a recipient or a chunk");
  return enterChunk(turn, {
    phase: "chunk",
    octets,
    last,
    left: octets,
    sinceTimer: 0,
    fault: undefined,
    message: phase.message,
  });
}

/** The handler takes the message, or does not: in both cases the octets are on their way. */
export function openChunks(turn: Turn, question: ServerQuestion & { ask: "data" }, refusal: Reply | undefined): Turn {
  const { chunk, envelope } = question;
  assert(chunk !== undefined, "a message in chunks was asked for");
  turn.phase = { phase: "ready" };
  if (refusal !== undefined) return discardChunk(turn, chunk.octets, refusal);
  const { parameters } = envelope;
  const reading = chunkStart(parameters.body === "binarymime");
  const message = { reading, octets: 0, replies: repliesFor(turn, envelope) };
  return enterChunk(turn, { phase: "chunk", ...chunk, left: chunk.octets, sinceTimer: 0, fault: undefined, message });
}

/** Refuses a BDAT: its octets, which the client sends without waiting, are no commands. RFC 3030 2 */
export function discardChunk(turn: Turn, octets: number, refusal: Reply): Turn {
  // Who announces far more than is taken is not worth the reading.
  if (octets > 2 * turn.state.options.limits.messageOctets) return turn.say(dataFaultReply.size).close();
  turn.state.errors += 1;
  turn.phase = { phase: "discard", left: octets, sinceTimer: 0, refusal, next: turn.phase };
  return octets === 0 ? endOfDiscard(turn, turn.phase) : turn.rearm();
}

function enterChunk(turn: Turn, phase: ServerPhase & { phase: "chunk" }): Turn {
  turn.phase = phase;
  if (phase.message.octets + phase.octets > turn.state.options.limits.messageOctets) {
    turn.giveUp().phase = { phase: "ready" };
    return discardChunk(turn, phase.octets, dataFaultReply.size);
  }
  turn.rearm();
  return phase.left === 0 ? endOfChunk(turn, phase) : turn;
}

/** Reads what is there of a chunk. */
export function readChunkOctets(turn: Turn): void {
  const { phase } = turn;
  assert(phase.phase === "chunk" || phase.phase === "discard", "a chunk is under way");
  const { pending } = turn.state;
  const taken = Math.min(phase.left, pending.length);
  const bytes = pending.subarray(0, taken);
  turn.state.pending = taken === pending.length ? EMPTY : pending.subarray(taken);
  const left = phase.left - taken;
  const progress = phase.sinceTimer + taken;
  if (progress >= DATA_PROGRESS_OCTETS) turn.rearm();
  const sinceTimer = progress >= DATA_PROGRESS_OCTETS ? 0 : progress;
  if (phase.phase === "discard") {
    const next = { ...phase, left, sinceTimer };
    turn.phase = next;
    if (left === 0) endOfDiscard(turn, next);
    return;
  }
  const next = { ...takeOctets(turn, phase, bytes), left, sinceTimer };
  turn.phase = next;
  if (left === 0) endOfChunk(turn, next);
}

function takeOctets(
  turn: Turn,
  phase: ServerPhase & { phase: "chunk" },
  bytes: Uint8Array,
): ServerPhase & { phase: "chunk" } {
  if (phase.fault !== undefined) return phase;
  const { message } = phase;
  const read = readChunk(message.reading, bytes, turn.state.options.nul);
  const octets = message.octets + bytes.length;
  const fault = faultOf(turn.state.options, read.fault, octets);
  turn.perform(fault === undefined ? { do: "body", bytes } : { do: "abort" });
  return { ...phase, fault, message: { ...message, reading: read.reading, octets } };
}

function endOfChunk(turn: Turn, phase: ServerPhase & { phase: "chunk" }): Turn {
  const { last, message } = phase;
  turn.rearm();
  const cutShort = phase.fault === undefined && last && endsInCr(message.reading);
  if (cutShort) turn.perform({ do: "abort" });
  const fault = phase.fault ?? (cutShort ? "bare-cr" : undefined);
  if (fault !== undefined) {
    turn.phase = { phase: "ready" };
    return turn.sayNow(dataFaultReply[fault]);
  }
  if (last) {
    turn.phase = { phase: "ready" };
    return turn.ask({ ask: "end", replies: message.replies });
  }
  turn.phase = { phase: "chunked", message };
  return turn.sayNow(reply(250, "2.0.0", `${phase.octets} octets received`));
}

function endOfDiscard(turn: Turn, phase: ServerPhase & { phase: "discard" }): Turn {
  turn.phase = phase.next;
  return turn.rearm().sayNow(phase.refusal);
}
