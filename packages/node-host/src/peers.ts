import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import type { PeerTransport } from "@scop/homeserver";
import { parseServerName, type ServerPlace } from "@scop/matrix/resolve";
import { type ServerPlaces, serverPlaces } from "@scop/matrix/resolve/run";
import type { Platform } from "@scop/platform";
import { parseIp } from "@scop/wire";
import { isReachable, nodeHttps, type ReachableAddresses } from "./https.ts";

/** Whom the way to other Matrix servers may lead to. */
export interface PeerTransportOptions {
  readonly addresses: ReachableAddresses;
  /** Certificates (PEM) that are believed in place of those that Node comes with. */
  readonly trust: string | undefined;
}

type PeerRequest = Parameters<PeerTransport["open"]>[1];
type Failure = Extract<Awaited<ReturnType<PeerTransport["carry"]>>, { readonly got: "failure" }>;

/** How one attempt ended. `not-there`: nothing was sent, so that another address may be tried. */
type Attempt<Answer> = Answer | Failure | { readonly got: "not-there"; readonly detail: string };

/** Makes an answer of what comes, at once or when all of it is there. */
type Take<Answer> = (response: IncomingMessage, end: (answer: Answer | Failure) => void) => void;

/** What ends an attempt well. */
interface Taken {
  readonly got: "answer";
}

const HTTPS_PORT = 443;
/** Until a connection is there and safe. Ours. */
const CONNECT_MS_MAX = 10_000;
/** Addresses that are tried for one request. Ours. */
const ATTEMPTS_MAX = 8;
/** Connections to one server at an address, and to all. Ours. */
const CONNECTIONS_OF_PEER_MAX = 8;
const CONNECTIONS_MAX = 1_000;
/** Between two pieces of a body that is not read at once. Ours. */
const PIECE_MS_MAX = 30_000;
/** Connections that wait for a further request to a server, and how long. Ours. */
const IDLE_OF_PEER_MAX = 1;
const IDLE_MS_MAX = 20_000;

/** The way to other Matrix servers over HTTPS. Addresses are checked before they are connected to, and the connection goes to them, whatever the name says by then. */
export function nodePeerTransport(
  io: Pick<Platform, "clock" | "dns" | "random">,
  options: PeerTransportOptions,
): PeerTransport & { close(): void } {
  const { addresses, trust } = options;
  const https = nodeHttps(io.dns, { addresses, port: HTTPS_PORT, trust });
  const agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS_OF_PEER_MAX,
    maxTotalSockets: CONNECTIONS_MAX,
    maxFreeSockets: IDLE_OF_PEER_MAX,
    timeout: IDLE_MS_MAX,
    minVersion: "TLSv1.2",
    ...(trust === undefined ? {} : { ca: trust }),
  });
  const places = serverPlaces({ ...io, https });
  const way: Way = { io, options, agent, places };
  return {
    carry: (server, asked) =>
      inTime(
        carry(way, server, asked, (response, end) => readAll(response, asked.octetsMax, end)),
        asked.timeoutMs,
      ),
    open: (server, asked) =>
      inTime(
        carry(way, server, asked, (response, end) => end(openedOf(response))),
        asked.timeoutMs,
      ),
    close: () => agent.destroy(),
  };
}

interface Way {
  readonly io: Pick<Platform, "dns">;
  readonly options: PeerTransportOptions;
  readonly agent: Agent;
  readonly places: ServerPlaces;
}

function failure(detail: string): Failure {
  return { got: "failure", detail };
}

/** The answer, or that there was none in time: what is under way ends by its own limits. */
async function inTime<Answer>(answer: Promise<Answer | Failure>, timeoutMs: number): Promise<Answer | Failure> {
  const { promise, resolve } = Promise.withResolvers<Failure>();
  const limit = setTimeout(() => resolve(failure("no answer in time")), timeoutMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(limit);
  }
}

async function carry<Answer extends Taken>(
  way: Way,
  server: string,
  asked: PeerRequest,
  take: Take<Answer>,
): Promise<Answer | Failure> {
  const name = parseServerName(server);
  if (!name.ok) return failure("it is no name of a server");
  const until = performance.now() + asked.timeoutMs;
  const place = await way.places.find(name.value);
  let last = "it says that it is nowhere";
  let attempts = 0;
  for (const { host, port } of place.endpoints) {
    const { addresses, detail } = await addressesOf(way, host);
    last = detail;
    for (const address of addresses) {
      const leftMs = until - performance.now();
      if (leftMs <= 0 || attempts >= ATTEMPTS_MAX) return failure(last);
      attempts += 1;
      const answer = await attempt(way, place, { address, port }, { asked, take, leftMs });
      if (answer.got !== "not-there") return answer;
      last = `${address} port ${port}: ${answer.detail}`;
    }
  }
  return failure(last);
}

/** Where a host may be connected to; `detail` says why it is nowhere. */
async function addressesOf(
  { io, options }: Way,
  host: string,
): Promise<{ readonly addresses: readonly string[]; readonly detail: string }> {
  if (parseIp(host).ok) {
    const addresses = isReachable(host, options.addresses) ? [host] : [];
    return { addresses, detail: `${host} is not on the open Internet` };
  }
  const answer = await io.dns.addresses(host);
  if (answer.found !== "records") return { addresses: [], detail: `${host} has no address` };
  const addresses = answer.records.filter(address => isReachable(address, options.addresses));
  return { addresses, detail: `${host} is not on the open Internet` };
}

/** What is asked in one attempt. */
interface Question<Answer> {
  readonly asked: PeerRequest;
  readonly take: Take<Answer>;
  readonly leftMs: number;
}

function attempt<Answer extends Taken>(
  way: Way,
  place: ServerPlace,
  at: { readonly address: string; readonly port: number },
  question: Question<Answer>,
): Promise<Attempt<Answer>> {
  const { asked, take, leftMs } = question;
  const { promise, resolve } = Promise.withResolvers<Attempt<Answer>>();
  const { certificateFor, hostField } = place;
  const { method, target, authorization, body } = asked;
  const sent = request({
    agent: way.agent,
    method,
    path: target,
    host: at.address,
    port: at.port,
    // An address is not named when the connection begins; the certificate has to be for it all the same.
    servername: parseIp(certificateFor).ok ? "" : certificateFor,
    headers: {
      host: hostField,
      accept: "application/json",
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": body.length }),
    },
  });
  let isConnected = false;
  const end = (answer: Attempt<Answer>): void => {
    clearTimeout(connecting);
    clearTimeout(limit);
    resolve(answer);
    if (answer.got !== "answer") sent.destroy();
  };
  const lost = (detail: string): void => {
    // A connection that had been waiting may have been ended by the other side meanwhile: one that is new shows whether it is there.
    if (sent.reusedSocket) void attempt(way, place, at, question).then(end);
    else end({ got: isConnected ? "failure" : "not-there", detail });
  };
  const connecting = setTimeout(() => lost("no connection in time"), Math.min(leftMs, CONNECT_MS_MAX));
  const limit = setTimeout(() => end({ got: "failure", detail: "no answer in time" }), leftMs);
  const connected = (): void => {
    isConnected = true;
    clearTimeout(connecting);
  };
  sent.on("socket", socket => {
    if (sent.reusedSocket) connected();
    else socket.once("secureConnect", connected);
  });
  sent.on("error", error => lost(error.message));
  sent.on("response", response => take(response, end));
  sent.end(body);
  return promise;
}

function readAll(
  response: IncomingMessage,
  octetsMax: number,
  end: (answer: { readonly got: "answer"; readonly status: number; readonly body: Uint8Array } | Failure) => void,
): void {
  const pieces: Uint8Array[] = [];
  let octets = 0;
  response.on("data", (piece: Uint8Array) => {
    pieces.push(piece);
    octets += piece.length;
    if (octets > octetsMax) end(failure(`more than ${octetsMax} octets`));
  });
  response.on("end", () => end({ got: "answer", status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
  response.on("error", error => end(failure(error.message)));
}

/** An answer whose body goes on coming, as long as something comes. */
function openedOf(response: IncomingMessage): Awaited<ReturnType<PeerTransport["open"]>> & Taken {
  response.setTimeout(PIECE_MS_MAX, () => void response.destroy(new Error("nothing came for long")));
  const { "content-type": contentType = "" } = response.headers;
  return { got: "answer", status: response.statusCode ?? 0, contentType, chunks: response };
}
