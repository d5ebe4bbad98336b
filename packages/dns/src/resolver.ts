import { assert, concat, unreachable } from "@scop/wire";
import {
  MISMATCHES_MAX,
  NO_EDNS_MS,
  SEARCH_MS_MAX,
  SEARCHES_MAX,
  STREAM_IDLE_MS,
  TTL_S_MAX,
  WAITING_MAX,
} from "./limits.ts";
import { decodeMessage, type Message, Rcode } from "./message.ts";
import { nameKey } from "./name.ts";
import { cookieOf, isAnswerTo } from "./query.ts";
import type { Attempt, ResolverEffect, ResolverInput, ResolverState, Search, Stream } from "./resolver-state.ts";
import { ResolverTurn } from "./resolver-turn.ts";
import { readResponse } from "./response.ts";
import { beginWaiting, conclude, send, tryNext, unanswered } from "./search.ts";
import { dropStream, opened, unframed } from "./stream.ts";

/** One step of a stub resolver, which changes its state. It never throws on what servers send; deadlines that have passed are acted on in every step. */
export function stepResolver(state: ResolverState, input: ResolverInput): readonly ResolverEffect[] {
  const turn = new ResolverTurn(state, input.now);
  const wakeBefore = state.wakeAt;
  switch (input.on) {
    case "ask":
      ask(turn, input);
      break;
    case "datagram":
      takeDatagram(turn, input.exchange, input.octets);
      break;
    case "unreachable": {
      const search = state.exchanges.get(input.exchange);
      if (search?.attempt !== undefined) unanswered(turn, search, search.attempt, "unreachable");
      break;
    }
    case "opened": {
      const stream = state.streams.get(input.stream);
      if (stream !== undefined) opened(turn, stream);
      break;
    }
    case "octets":
      takeOctets(turn, input.stream, input.octets);
      break;
    case "ended":
      endStream(turn, state.streams.get(input.stream), "the connection ended");
      break;
    case "tick":
      break;
    default:
      return unreachable(input);
  }
  if (turn.now >= state.wakeAt) actOnDeadlines(turn);
  beginWaiting(turn);
  if (state.searches.size === 0 && state.streams.size === 0) state.wakeAt = Infinity;
  // A tick that came early is wanted again.
  if (state.wakeAt !== wakeBefore || input.on === "tick")
    turn.perform({ do: "wake", at: state.wakeAt === Infinity ? undefined : state.wakeAt });
  return turn.effects;
}

function ask(turn: ResolverTurn, { id, name, type }: ResolverInput & { readonly on: "ask" }): void {
  const { state } = turn;
  const key = `${type} ${nameKey(name)}`;
  const known = state.cache.get(key, turn.now);
  if (known !== undefined) {
    turn.perform({ do: "answer", id, answer: known });
    return;
  }
  const same = state.searches.get(key) ?? state.waiting.get(key);
  if (same !== undefined) {
    same.ids.push(id);
    return;
  }
  if (state.waiting.size >= WAITING_MAX) {
    const detail = "too many questions at once";
    turn.perform({ do: "answer", id, answer: { found: "failure", kind: "temporary", detail } });
    return;
  }
  const search: Search = {
    key,
    type,
    name,
    ids: [id],
    until: turn.now + SEARCH_MS_MAX,
    aliases: 0,
    authentic: true,
    ttlS: TTL_S_MAX,
    octets: 0,
    attempt: undefined,
    exchanges: 0,
    tries: new Map(),
    refusedBy: new Set(),
    why: "no server had the time",
  };
  if (state.searches.size >= SEARCHES_MAX) {
    state.waiting.set(key, search);
    return;
  }
  state.searches.set(key, search);
  tryNext(turn, search);
}

function takeDatagram(turn: ResolverTurn, exchange: number, octets: Uint8Array): void {
  const search = turn.state.exchanges.get(exchange);
  const attempt = search?.attempt;
  if (search === undefined || attempt === undefined || attempt.stream !== undefined) return;
  if (takeMessage(turn, search, attempt, octets)) return;
  attempt.mismatches += 1;
  // RFC 5452 9.1: somebody guesses, or the server does not repeat what it was asked
  if (attempt.mismatches >= MISMATCHES_MAX)
    send(turn, search, { server: attempt.server, over: "stream", asks: attempt.asks });
}

function takeOctets(turn: ResolverTurn, id: number, octets: Uint8Array): void {
  const stream = turn.state.streams.get(id);
  if (stream === undefined) return;
  const { messages, rest } = unframed(stream.heard.length === 0 ? octets : concat([stream.heard, octets]));
  stream.heard = rest;
  for (const message of messages) {
    const search = message.length < 2 ? undefined : stream.requests.get(message[0]! * 256 + message[1]!);
    const attempt = search?.attempt;
    const isUsed = search !== undefined && attempt !== undefined && takeMessage(turn, search, attempt, message);
    // A stream is one server's: what is no answer to us there is a server that can't be spoken with.
    if (!isUsed) {
      endStream(turn, stream, "an answer that nobody asked for");
      return;
    }
  }
}

/** Acts on a message if it answers the attempt; whether it did. */
function takeMessage(turn: ResolverTurn, search: Search, attempt: Attempt, octets: Uint8Array): boolean {
  const decoded = decodeMessage(octets);
  if (!decoded.ok || !isAnswerTo(attempt.query, decoded.value)) return false;
  const message = decoded.value;
  const { server, query, asks } = attempt;
  server.avoidUntil = -Infinity;
  learnCookie(attempt, message);
  const way = { server, over: query.over, asks };
  if (message.flags.truncated && query.over === "datagram") send(turn, search, { ...way, over: "stream" });
  else if (message.rcode === Rcode.badCookie && query.over === "datagram") {
    // RFC 7873 5.3: once more with the server's new cookie, then over a stream, where none is needed
    const isFresh = search.exchanges < 2;
    send(turn, search, { ...way, over: isFresh ? "datagram" : "stream" });
  } else if (refusesEdns(message) && server.noEdnsUntil <= turn.now) {
    server.noEdnsUntil = turn.now + NO_EDNS_MS;
    send(turn, search, way);
  } else {
    search.octets += octets.length;
    const authentic = message.flags.authenticData && server.config.word === "trusted";
    conclude(turn, search, readResponse(message, decoded.notes, search.name, search.type), attempt, authentic);
  }
  return true;
}

/** RFC 6891 7: servers older than EDNS. */
function refusesEdns(message: Message): boolean {
  const { rcode, edns } = message;
  if (rcode === Rcode.badVersion) return true;
  return edns === undefined && (rcode === Rcode.formatError || rcode === Rcode.notImplemented);
}

/** RFC 7873 5.3: the server's last cookie goes along next time. Over a stream a server that gives none shows that it has none any more. */
function learnCookie({ server, query }: Attempt, message: Message): void {
  const cookie = cookieOf(message);
  if (cookie?.server !== undefined) server.serverCookie = cookie.server;
  else if (query.over === "stream") server.serverCookie = undefined;
}

/** A stream is no more: what was asked on it is asked again. */
function endStream(turn: ResolverTurn, stream: Stream | undefined, why: string): void {
  if (stream === undefined) return;
  dropStream(turn, stream);
  for (const search of [...stream.requests.values()]) {
    if (search.attempt?.stream === stream) unanswered(turn, search, search.attempt, why);
  }
}

/** What is due now, and when to look again. */
function actOnDeadlines(turn: ResolverTurn): void {
  const { state } = turn;
  for (const search of [...state.searches.values()]) {
    const { attempt } = search;
    if (attempt === undefined || attempt.until > turn.now) continue;
    // A stream on which nobody answers may be dead without anybody having said so.
    if (attempt.stream !== undefined) endStream(turn, attempt.stream, "no answer");
    else unanswered(turn, search, attempt, "no answer");
  }
  for (const stream of [...state.streams.values()]) {
    if (stream.requests.size === 0 && stream.idleSince + STREAM_IDLE_MS <= turn.now) dropStream(turn, stream);
  }
  state.wakeAt = Infinity;
  for (const { attempt } of state.searches.values()) {
    assert(attempt !== undefined, "a search that began waits for an answer");
    turn.due(attempt.until);
  }
  for (const stream of state.streams.values())
    if (stream.requests.size === 0) turn.due(stream.idleSince + STREAM_IDLE_MS);
}
