import { assert, EMPTY } from "@scop/wire";
import { readData } from "./data-reader.ts";
import { DATA_PROGRESS_OCTETS } from "./limits.ts";
import { dataFaultReply } from "./server-replies.ts";
import type { DataFault, ServerOptions } from "./server-state.ts";
import type { Turn } from "./server-turn.ts";

/** Reads what is there of a message, and its end. */
export function readBody(turn: Turn): void {
  const { phase } = turn;
  assert(phase.phase === "body", "a message is under way");
  const { options, pending } = turn.state;
  const piece = readData(phase.reading, pending, 0, options.limits.bodyLineOctets, options.nul);
  const octets = phase.octets + piece.body.length;
  const fault = phase.fault ?? faultOf(options, piece.fault, octets);
  if (fault === undefined && piece.body.length > 0) turn.perform({ do: "body", bytes: piece.body });
  if (fault !== undefined && phase.fault === undefined) turn.perform({ do: "abort" });
  if (piece.end >= 0) {
    turn.state.pending = piece.end === pending.length ? EMPTY : pending.subarray(piece.end);
    turn.phase = { phase: "ready" };
    turn.rearm();
    if (fault === undefined) turn.ask({ ask: "end", replies: phase.replies });
    else turn.sayTimes(dataFaultReply[fault], phase.replies);
    return;
  }
  turn.state.pending = EMPTY;
  const progress = phase.sinceTimer + pending.length;
  if (progress >= DATA_PROGRESS_OCTETS) turn.rearm();
  const sinceTimer = progress >= DATA_PROGRESS_OCTETS ? 0 : progress;
  turn.phase = { ...phase, reading: piece.reading, octets, sinceTimer, fault };
  // Who goes on long after the limit is not worth the reading.
  if (octets > 2 * options.limits.messageOctets) {
    turn.say(dataFaultReply.size);
    turn.close();
  }
}

/** What is wrong with a message that has these octets so far. */
export function faultOf(options: ServerOptions, found: DataFault | undefined, octets: number): DataFault | undefined {
  return found ?? (octets > options.limits.messageOctets ? "size" : undefined);
}
