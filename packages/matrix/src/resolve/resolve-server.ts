import type { DnsAnswer, HttpsAnswer, Instant, Random, SrvRecord } from "@scop/platform";
import { PORT_DEFAULT } from "./limits.ts";
import type { ServerName } from "./server-name.ts";
import { orderServices } from "./services.ts";
import { discoverWellKnown, type WellKnownMemory, type WellKnownQuestion } from "./well-known.ts";

/** What decided where a server is. */
export type FoundBy = "address" | "port" | "matrix-fed" | "matrix" | "default";

/** Where a server is, and as whom it has to show itself. */
export interface ServerPlace {
  /** Names or addresses with ports, in the order in which they are tried; empty where the server says that it is nowhere. */
  readonly endpoints: readonly { readonly host: string; readonly port: number }[];
  /** For the `Host` field of requests. */
  readonly hostField: string;
  /** What the certificate has to be for: a host name, or the text of an address. */
  readonly certificateFor: string;
  readonly foundBy: FoundBy;
  /** Whom the well-known answer names. */
  readonly delegated: ServerName | undefined;
}

/** What a resolution comes to. */
export interface ServerResolution {
  readonly place: ServerPlace;
  /** What to remember for the host of the name; undefined where its web server was no matter. */
  readonly memory: WellKnownMemory | undefined;
}

/** A question of the resolution, answered by what `ServerAnswer` has of the same kind. */
export type ServerQuestion = WellKnownQuestion | { readonly do: "lookup"; readonly type: "SRV"; readonly name: string };

export type ServerAnswer =
  | { readonly on: "fetched"; readonly answer: HttpsAnswer }
  | { readonly on: "answer"; readonly answer: DnsAnswer<SrvRecord> };

/** What the resolution is given beside the name. */
export interface ServerFacts {
  readonly memory: WellKnownMemory | undefined;
  readonly now: Instant;
  readonly random: Random;
}

type Resolving<Result> = Generator<ServerQuestion, Result, ServerAnswer>;
type Found = Pick<ServerPlace, "endpoints" | "foundBy">;

/** Steps 1 and 2, and 3.1 and 3.2: the name says it all. */
function plainPlace({ host, address, port }: ServerName): Found | undefined {
  if (address !== undefined) return { endpoints: [{ host: address, port: port ?? PORT_DEFAULT }], foundBy: "address" };
  return port === undefined ? undefined : { endpoints: [{ host, port }], foundBy: "port" };
}

/**
 * Steps 3.3 to 3.5, and 4 to 6. A look-up that fails is taken for an absence: whoever answers in the end has to have the certificate, and many
 * name servers fail at names with underscores.
 */
function* placeByDns(host: string, random: Random): Resolving<Found> {
  for (const service of ["matrix-fed", "matrix"] as const) {
    const said = yield { do: "lookup", type: "SRV", name: `_${service}._tcp.${host}` };
    if (said.on !== "answer" || said.answer.found !== "records") continue;
    const records = orderServices(said.answer.records, random);
    return { endpoints: records.map(({ target, port }) => ({ host: target, port })), foundBy: service };
  }
  return { endpoints: [{ host, port: PORT_DEFAULT }], foundBy: "default" };
}

function placeOf(found: Found, name: ServerName, delegated: ServerName | undefined): ServerPlace {
  return { ...found, hostField: name.text, certificateFor: name.address ?? name.host, delegated };
}

function* wellKnown(host: string, { memory, now }: ServerFacts): Resolving<WellKnownMemory> {
  const machine = discoverWellKnown(host, memory, now);
  let step = machine.next();
  while (step.done !== true) {
    const said: ServerAnswer = yield step.value;
    step = machine.next(said.on === "fetched" ? said.answer : { got: "failure", kind: "other", detail: "no answer" });
  }
  return step.value;
}

/**
 * Finds out where a server is: by address, by port, by what its web server delegates to, by SRV records, or at port 8448. Whether an address may be
 * connected to is for who connects. Server-server API, resolving server names
 */
export function* resolveServer(name: ServerName, facts: ServerFacts): Resolving<ServerResolution> {
  const plain = plainPlace(name);
  if (plain !== undefined) return { place: placeOf(plain, name, undefined), memory: undefined };
  const memory = yield* wellKnown(name.host, facts);
  const { delegated } = memory;
  const served = delegated ?? name;
  const found = plainPlace(served) ?? (yield* placeByDns(served.host, facts.random));
  return { place: placeOf(found, served, delegated), memory };
}
