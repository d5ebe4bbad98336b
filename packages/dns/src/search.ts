import type { DnsAnswer } from "@scop/platform";
import {
  ALIASES_MAX,
  AVOID_MS,
  EXCHANGES_MAX,
  FAILURE_TTL_S,
  SEARCHES_MAX,
  STREAM_TRY_MS,
  TRIES_MAX,
  TRY_MS,
} from "./limits.ts";
import { makeQuery } from "./query.ts";
import { type RecordData, TYPE_CODES } from "./record.ts";
import type { Attempt, Search, ServerState } from "./resolver-state.ts";
import type { ResolverTurn } from "./resolver-turn.ts";
import type { Finding } from "./response.ts";
import { request, settle, streamTo } from "./stream.ts";

/** How the next message of a search goes out. */
interface Way {
  readonly server: ServerState;
  readonly over: "datagram" | "stream";
  readonly asks: "answer" | "forged";
}

/** Ends the attempt under way, whatever came of it. */
function release(turn: ResolverTurn, search: Search): void {
  const { attempt } = search;
  if (attempt === undefined) return;
  search.attempt = undefined;
  turn.state.exchanges.delete(attempt.exchange);
  if (attempt.stream === undefined) turn.perform({ do: "release", exchange: attempt.exchange });
  else settle(turn, attempt.stream, attempt);
}

/** Sends one message to one server. */
export function send(turn: ResolverTurn, search: Search, way: Way): void {
  release(turn, search);
  if (search.exchanges >= EXCHANGES_MAX) {
    fail(turn, search);
    return;
  }
  search.exchanges += 1;
  const { server } = way;
  const isTls = server.config.transport.by === "tls";
  const stream = isTls || way.over === "stream" ? streamTo(turn, server) : undefined;
  const tries = search.tries.get(server) ?? 1;
  const waitMs = stream === undefined ? TRY_MS * 2 ** (tries - 1) : STREAM_TRY_MS;
  const exchange = turn.number();
  const attempt: Attempt = {
    exchange,
    server,
    stream,
    asks: way.asks,
    mismatches: 0,
    until: turn.due(Math.min(turn.now + waitMs, search.until)),
    query: makeQuery(turn.state.random, id => stream?.requests.has(id) ?? false, {
      name: search.name,
      type: TYPE_CODES[search.type],
      over: stream === undefined ? "datagram" : "stream",
      clientCookie: server.clientCookie,
      serverCookie: server.serverCookie,
      edns: server.noEdnsUntil > turn.now ? "plain" : "edns",
      checking: way.asks === "forged" ? "disabled" : "enabled",
      padding: isTls ? "padded" : "none",
    }),
  };
  search.attempt = attempt;
  turn.state.exchanges.set(exchange, search);
  if (stream !== undefined) request(turn, stream, search, attempt);
  else turn.perform({ do: "send", exchange, server: server.config, octets: attempt.query.octets });
}

/** The server to try next: the one tried least of those that may know, those that answer before others, the first of equals. */
function nextServer(turn: ResolverTurn, search: Search): ServerState | undefined {
  let best: ServerState | undefined;
  let bestRank = Infinity;
  for (const server of turn.state.servers) {
    const tries = search.tries.get(server) ?? 0;
    const rank = 2 * tries + (server.avoidUntil > turn.now ? 1 : 0);
    if (tries >= TRIES_MAX || search.refusedBy.has(server) || rank >= bestRank) continue;
    best = server;
    bestRank = rank;
  }
  return best;
}

/** Tries the next server, or the same one again; where none is left, the search has failed. */
export function tryNext(turn: ResolverTurn, search: Search): void {
  release(turn, search);
  const server = turn.now < search.until ? nextServer(turn, search) : undefined;
  if (server === undefined) {
    fail(turn, search);
    return;
  }
  const tries = (search.tries.get(server) ?? 0) + 1;
  search.tries.set(server, tries);
  // The last try goes over a stream: datagrams may be what is lost, or what somebody meddles with.
  send(turn, search, { server, over: tries === TRIES_MAX ? "stream" : "datagram", asks: "answer" });
}

/** The server did not answer. */
export function unanswered(turn: ResolverTurn, search: Search, attempt: Attempt, why: string): void {
  attempt.server.avoidUntil = turn.now + AVOID_MS;
  search.why = `${attempt.server.config.address}: ${why}`;
  tryNext(turn, search);
}

/** No server has an answer. */
function fail(turn: ResolverTurn, search: Search): void {
  finish(turn, search, { found: "failure", kind: "temporary", detail: search.why }, FAILURE_TTL_S);
}

/** Gives the answer to everybody who asked, and keeps it. */
function finish(turn: ResolverTurn, search: Search, answer: DnsAnswer<RecordData>, ttlS: number): void {
  const { state } = turn;
  release(turn, search);
  state.searches.delete(search.key);
  if (ttlS > 0) state.cache.set(search.key, { answer, until: turn.now + 1_000 * ttlS, octets: search.octets });
  for (const id of search.ids) turn.perform({ do: "answer", id, answer });
}

/** Begins searches that wait, as many as there are places. */
export function beginWaiting(turn: ResolverTurn): void {
  const { searches, waiting } = turn.state;
  for (const [key, search] of waiting) {
    if (searches.size >= SEARCHES_MAX) return;
    waiting.delete(key);
    searches.set(key, search);
    tryNext(turn, search);
  }
}

/** Acts on what a response says. `authentic`: its AD flag, where the server's word counts. */
export function conclude(
  turn: ResolverTurn,
  search: Search,
  finding: Finding,
  attempt: Attempt,
  authentic: boolean,
): void {
  if (attempt.asks === "forged") {
    concludeForged(turn, search, finding, attempt);
    return;
  }
  if (finding.is !== "failed") {
    search.authentic &&= authentic;
    search.ttlS = Math.min(search.ttlS, finding.ttlS);
  }
  switch (finding.is) {
    case "records":
      finish(turn, search, { found: "records", records: finding.records, authentic: search.authentic }, search.ttlS);
      break;
    case "absent":
      finish(turn, search, { found: finding.found, authentic: search.authentic }, search.ttlS);
      break;
    case "alias":
      followAlias(turn, search, finding);
      break;
    default:
      concludeFailed(turn, search, finding, attempt);
  }
}

function followAlias(turn: ResolverTurn, search: Search, finding: Finding & { readonly is: "alias" }): void {
  search.name = finding.of;
  search.aliases += finding.aliases;
  search.tries.clear();
  search.refusedBy.clear();
  if (search.aliases <= ALIASES_MAX) {
    tryNext(turn, search);
    return;
  }
  search.why = `${search.name}: aliases without end`;
  fail(turn, search);
}

function concludeFailed(
  turn: ResolverTurn,
  search: Search,
  finding: Finding & { readonly is: "failed" },
  attempt: Attempt,
): void {
  const { server, query } = attempt;
  search.why = `${server.config.address}: ${finding.why}`;
  if (finding.kind === "bogus") bogus(turn, search);
  // A server that does not say why it failed: whether it has an answer that it does not believe shows when it need not.
  else if (finding.kind === "unknown") send(turn, search, { server, over: query.over, asks: "forged" });
  else {
    search.refusedBy.add(server);
    tryNext(turn, search);
  }
}

function concludeForged(turn: ResolverTurn, search: Search, finding: Finding, attempt: Attempt): void {
  if (finding.is !== "failed") {
    search.why += "; without DNSSEC there is an answer";
    bogus(turn, search);
    return;
  }
  search.refusedBy.add(attempt.server);
  tryNext(turn, search);
}

function bogus(turn: ResolverTurn, search: Search): void {
  finish(turn, search, { found: "failure", kind: "bogus", detail: search.why }, FAILURE_TTL_S);
}
