import { canonicalJson, isJsonObject, type JsonObject, parseJson, textAt } from "@scop/matrix/json";
import { type ObjectSigner, signRequest } from "@scop/matrix/sign";
import type { Store } from "@scop/store";
import type { HomeserverIo } from "../context.ts";
import { KeyRing } from "./key-ring.ts";
import { ANSWER_OCTETS_MAX, STATE_ANSWER_OCTETS_MAX } from "./limits.ts";
import { PeerFault, type PeerFile, type PeerRequest, type Peers } from "./port.ts";
import type { PeerTransport } from "./transport.ts";

/** What the way to other servers is made of. */
export interface PeerParts {
  readonly store: Store;
  readonly transport: PeerTransport;
  readonly signer: ObjectSigner;
  /** The 32 octets of the key of `signer`. */
  readonly publicKey: Uint8Array;
  /** Servers that are believed what they say of the keys of servers that don't answer, in this order. */
  readonly notaries: readonly string[];
}

/** Answers that have the state of a room. */
const WITH_STATE = ["/_matrix/federation/v2/send_join/", "/_matrix/federation/v1/state/"];

/** Other servers over a transport: requests are signed in our name, and the keys of others are kept in the store. */
export function createPeers(io: HomeserverIo, parts: PeerParts): Peers {
  const ring = new KeyRing(io, parts);
  return {
    ask: (server, request) =>
      ask(parts, server, request).catch((error: unknown) => {
        io.log.write("info", "a server gave no answer of use", { server, detail: String(error) });
        throw error;
      }),
    open: (server, target, timeoutMs) => open(parts, server, target, timeoutMs),
    isSignedBy: (object, server, timeMs) => ring.isSignedBy(object, server, timeMs),
    keyOf: (server, keyId, timeMs) => ring.keyOf(server, keyId, timeMs),
  };
}

async function ask({ transport, signer }: PeerParts, server: string, request: PeerRequest): Promise<JsonObject> {
  const { method, target, body, timeoutMs } = request;
  const signed = { method, uri: target, origin: signer.entity, destination: server, content: body };
  const octetsMax = WITH_STATE.some(each => target.startsWith(each)) ? STATE_ANSWER_OCTETS_MAX : ANSWER_OCTETS_MAX;
  const answer = await transport.carry(server, {
    method,
    target,
    authorization: signRequest(signed, signer),
    body: body && canonicalJson(body),
    timeoutMs,
    octetsMax,
  });
  if (answer.got === "failure") throw new PeerFault("unreachable", `${server}: ${answer.detail}`);
  const read = parseJson(answer.body, { octetsMax, numbers: "any" });
  const value = read.ok && isJsonObject(read.value) ? read.value : undefined;
  if (answer.status !== 200) {
    const errcode = (value && textAt(value, "errcode")) ?? "";
    throw new PeerFault("refused", `${server} answered ${answer.status} ${errcode}`.trim(), answer.status, errcode);
  }
  if (value === undefined) throw new PeerFault("malformed", `${server} answered no object of JSON`);
  return value;
}

async function open(
  { transport, signer }: PeerParts,
  server: string,
  target: string,
  timeoutMs: number,
): Promise<PeerFile> {
  const signed = {
    method: "GET",
    uri: target,
    origin: signer.entity,
    destination: server,
    content: undefined,
  } as const;
  const authorization = signRequest(signed, signer);
  const answer = await transport.open(server, { method: "GET", target, authorization, body: undefined, timeoutMs });
  if (answer.got === "failure") throw new PeerFault("unreachable", `${server}: ${answer.detail}`);
  if (answer.status === 200) return answer;
  await answer.chunks[Symbol.asyncIterator]().return?.();
  throw new PeerFault("refused", `${server} answered ${answer.status}`, answer.status);
}
