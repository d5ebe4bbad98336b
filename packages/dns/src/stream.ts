import { concat, EMPTY } from "@scop/wire";
import { STREAM_IDLE_MS, STREAM_REQUESTS_MAX } from "./limits.ts";
import type { Attempt, Search, ServerState, Stream } from "./resolver-state.ts";
import type { ResolverTurn } from "./resolver-turn.ts";

/** A message with its length before it. RFC 1035 4.2.2 */
function framed(octets: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(octets.length >> 8, octets.length), octets]);
}

/** The whole messages at the beginning of what was heard, and the rest. */
export function unframed(octets: Uint8Array): { readonly messages: readonly Uint8Array[]; readonly rest: Uint8Array } {
  const messages: Uint8Array[] = [];
  let at = 0;
  while (octets.length - at >= 2) {
    const end = at + 2 + octets[at]! * 256 + octets[at + 1]!;
    if (end > octets.length) break;
    messages.push(octets.subarray(at + 2, end));
    at = end;
  }
  return { messages, rest: octets.subarray(at) };
}

/** The server's stream with room for one more question, a new one where there is none. */
export function streamTo(turn: ResolverTurn, server: ServerState): Stream {
  if (server.stream !== undefined && server.stream.requests.size < STREAM_REQUESTS_MAX) return server.stream;
  const stream: Stream = {
    id: turn.number(),
    server,
    phase: "opening",
    heard: EMPTY,
    requests: new Map(),
    idleSince: turn.now,
  };
  server.stream = stream;
  turn.state.streams.set(stream.id, stream);
  turn.perform({ do: "open", stream: stream.id, server: server.config });
  return stream;
}

/** Asks on a stream; one that is still being opened asks when it is open. */
export function request(turn: ResolverTurn, stream: Stream, search: Search, attempt: Attempt): void {
  stream.requests.set(attempt.query.id, search);
  if (stream.phase === "open") turn.perform({ do: "write", stream: stream.id, octets: framed(attempt.query.octets) });
}

/** The stream is open: what waited for it is asked. */
export function opened(turn: ResolverTurn, stream: Stream): void {
  stream.phase = "open";
  for (const { attempt } of stream.requests.values()) {
    if (attempt !== undefined) turn.perform({ do: "write", stream: stream.id, octets: framed(attempt.query.octets) });
  }
}

/** A question on the stream is over. */
export function settle(turn: ResolverTurn, stream: Stream, attempt: Attempt): void {
  stream.requests.delete(attempt.query.id);
  if (stream.requests.size > 0) return;
  stream.idleSince = turn.now;
  turn.due(turn.now + STREAM_IDLE_MS);
}

/** Forgets a stream. */
export function dropStream(turn: ResolverTurn, stream: Stream): void {
  turn.state.streams.delete(stream.id);
  if (stream.server.stream === stream) stream.server.stream = undefined;
  turn.perform({ do: "close", stream: stream.id });
}
