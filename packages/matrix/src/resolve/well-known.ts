import type { HttpsAnswer, HttpsRequest, Instant } from "@scop/platform";
import { isJsonObject, parseJson } from "../json/index.ts";
import {
  FAILURE_MS,
  LIFETIME_MS,
  LIFETIME_MS_MAX,
  LIFETIME_MS_MIN,
  REDIRECTS_MAX,
  WELL_KNOWN_MS_MAX,
  WELL_KNOWN_OCTETS_MAX,
} from "./limits.ts";
import { parseServerName, type ServerName } from "./server-name.ts";

/** What is remembered of a host: to whom it delegates, or that it does not. */
export interface WellKnownMemory {
  /** Undefined: to nobody, as far as is known. */
  readonly delegated: ServerName | undefined;
  /** When that was fetched. */
  readonly fetchedAt: Instant;
  /** When to ask again. */
  readonly until: Instant;
}

/** A document that is fetched, and the answer. */
export type WellKnownQuestion = { readonly do: "fetch" } & HttpsRequest;

/** What a fetch came to. `lost`: nobody could say; `none`: the host says that it delegates to nobody, or what can't be read. */
type Fetched =
  | { readonly is: "found"; readonly delegated: ServerName; readonly lifetimeMs: number }
  | { readonly is: "lost" | "none" };

/** `max-age` of a `Cache-Control` field in milliseconds, 0 where nothing is to be kept; undefined where it says nothing. RFC 9111 5.2.2 */
function lifetimeOf(cacheControl: string | undefined): number | undefined {
  let found: number | undefined;
  for (const directive of (cacheControl ?? "").split(",", 32)) {
    const [name = "", value = ""] = directive.trim().toLowerCase().split("=", 2);
    if (name === "no-store" || name === "no-cache") return 0;
    const digits = value.startsWith('"') ? value.slice(1, -1) : value;
    if (name === "max-age" && /^[0-9]{1,10}$/.test(digits)) found ??= 1_000 * Number(digits);
  }
  return found;
}

/** Where a `Location` field leads, seen from a request: over HTTPS or nowhere. RFC 9110 10.2.2 */
function redirected(from: HttpsRequest, location: string): HttpsRequest | undefined {
  const isPath = location.startsWith("/") && !location.startsWith("//");
  if (isPath) return { ...from, path: withoutFragment(location) };
  const scheme = location.slice(0, 8).toLowerCase();
  const rest = location.startsWith("//") ? location.slice(2) : scheme === "https://" ? location.slice(8) : undefined;
  if (rest === undefined) return undefined;
  const slash = rest.search(/[/?#]/);
  const server = parseServerName(slash < 0 ? rest : rest.slice(0, slash));
  if (!server.ok) return undefined;
  const path = withoutFragment(slash < 0 ? "" : rest.slice(slash));
  const { port: _, ...request } = from;
  const { host, address, port } = server.value;
  return {
    ...request,
    host: address ?? host,
    ...(port === undefined ? {} : { port }),
    path: path.startsWith("/") ? path : `/${path}`,
  };
}

function withoutFragment(path: string): string {
  const hash = path.indexOf("#");
  return hash < 0 ? path : path.slice(0, hash);
}

/** The server that a document names. Its type is not looked at. Server-server API, GET /.well-known/matrix/server */
function delegatedIn(body: Uint8Array): ServerName | undefined {
  const read = parseJson(body, { octetsMax: WELL_KNOWN_OCTETS_MAX, numbers: "any" });
  if (!read.ok || !isJsonObject(read.value)) return undefined;
  const server = read.value.get("m.server");
  if (typeof server !== "string") return undefined;
  const name = parseServerName(server);
  return name.ok ? name.value : undefined;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Fetches the document, over as many redirects as are allowed. */
function* fetchWellKnown(host: string): Generator<WellKnownQuestion, Fetched, HttpsAnswer> {
  let request: HttpsRequest = {
    host,
    path: "/.well-known/matrix/server",
    octetsMax: WELL_KNOWN_OCTETS_MAX,
    timeoutMs: WELL_KNOWN_MS_MAX,
  };
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const answer = yield { do: "fetch", ...request };
    if (answer.got === "failure" || answer.status >= 500) return { is: "lost" };
    if (!isRedirect(answer.status)) {
      const delegated = answer.status === 200 ? delegatedIn(answer.body) : undefined;
      if (delegated === undefined) return { is: "none" };
      return { is: "found", delegated, lifetimeMs: lifetimeOf(answer.cacheControl) ?? LIFETIME_MS };
    }
    const next = redirected(request, answer.location ?? "");
    if (next === undefined) return { is: "none" };
    request = next;
  }
  return { is: "none" };
}

/**
 * To whom a host delegates, from what is remembered or its web server. What was found lives as long as the server says, within 5 minutes and 48
 * hours; that there is nothing, an hour. Where nobody answers, what was found before counts for another hour, 48 hours in all: a web
 * server that is down does not move its Matrix server. Server-server API, resolving server names, step 3
 */
export function* discoverWellKnown(
  host: string,
  before: WellKnownMemory | undefined,
  now: Instant,
): Generator<WellKnownQuestion, WellKnownMemory, HttpsAnswer> {
  if (before !== undefined && now >= before.fetchedAt && now < before.until) return before;
  const fetched = yield* fetchWellKnown(host);
  if (fetched.is === "found") {
    const lifetimeMs = Math.min(LIFETIME_MS_MAX, Math.max(LIFETIME_MS_MIN, fetched.lifetimeMs));
    return { delegated: fetched.delegated, fetchedAt: now, until: now + lifetimeMs };
  }
  const ageMs = before === undefined ? LIFETIME_MS_MAX : now - before.fetchedAt;
  if (fetched.is === "lost" && before?.delegated !== undefined && ageMs >= 0 && ageMs < LIFETIME_MS_MAX)
    return { ...before, until: Math.min(now + FAILURE_MS, before.fetchedAt + LIFETIME_MS_MAX) };
  return { delegated: undefined, fetchedAt: now, until: now + FAILURE_MS };
}
