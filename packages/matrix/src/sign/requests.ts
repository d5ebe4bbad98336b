import type { Crypto } from "@scop/platform";
import { failed, type Parsed, parsed } from "@scop/wire";
import { type JsonObject, type JsonValue, jsonObject } from "../json/index.ts";
import { checkSignature, type ObjectSigner, type SignatureResult, signObject } from "./objects.ts";

const RULE = "Server-server API, request authentication";
const SCHEME = "x-matrix";

/** Characters of the header that are read. Ours: three names of 255 octets and a signature. */
const HEADER_CHARACTERS_MAX = 2048;

/** A request from server to server, as it is signed. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, from `/_matrix` on, as they stand in the request. */
  readonly uri: string;
  readonly origin: string;
  readonly destination: string;
  /** Its body; undefined where it has none. */
  readonly content: JsonValue | undefined;
}

/** Who says to have sent a request. */
export interface RequestSignature {
  readonly origin: string;
  /** Undefined where it is not said, as before version 1.3 of the specification. */
  readonly destination: string | undefined;
  readonly keyId: string;
  readonly signature: string;
}

/** The value of `Authorization` for a request that this server sends. Server-server API, request authentication */
export function signRequest(request: SignedRequest, signer: ObjectSigner): string {
  const signed = signObject(objectOf(request), signer);
  const signatures = (signed.get("signatures") as JsonObject).get(signer.entity) as JsonObject;
  const parameters = [
    ["origin", request.origin],
    ["destination", request.destination],
    ["key", signer.keyId],
    ["sig", signatures.get(signer.keyId) as string],
  ];
  return `X-Matrix ${parameters.map(([name, value]) => `${name}=${quoted(value!)}`).join(",")}`;
}

/**
 * Whether a request that came is the one that was signed with this key, whose 32 octets are given. Whether it was meant for this server says
 * `request.destination`, which has to be a name of this one: the caller fills it in.
 */
export function checkRequest(
  request: SignedRequest,
  { keyId, signature }: RequestSignature,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, "publicKey">,
): SignatureResult {
  const own = new Map([[request.origin, new Map([[keyId, signature]])]]);
  return checkSignature(new Map(objectOf(request)).set("signatures", own), request.origin, keyId, publicKey, crypto);
}

function objectOf({ method, uri, origin, destination, content }: SignedRequest): JsonObject {
  return jsonObject({ method, uri, origin, destination, content });
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/**
 * Reads the value of `Authorization`. Values may be quoted or not, and those that are not may have colons, as old servers write them. Refused
 * with the place: another scheme, a parameter that is missing, empty or there twice, more than 2,048 characters. RFC 9110 11.4
 */
export function readRequestSignature(header: string): Parsed<RequestSignature> {
  if (header.length > HEADER_CHARACTERS_MAX) return failed("x-matrix-too-long", HEADER_CHARACTERS_MAX, 0, RULE);
  if (header.slice(0, SCHEME.length + 1).toLowerCase() !== `${SCHEME} `) return failed("x-matrix-scheme", 0, 0, RULE);
  const found = readParameters(header, SCHEME.length + 1);
  if (!found.ok) return found;
  const { value: parameters } = found;
  const [origin, keyId, signature] = ["origin", "key", "sig"].map(name => parameters.get(name) ?? "");
  if (!origin || !keyId || !signature) return failed("x-matrix-parameter", header.length, 0, RULE);
  return parsed({ origin, destination: parameters.get("destination"), keyId, signature });
}

function readParameters(header: string, start: number): Parsed<ReadonlyMap<string, string>> {
  const parameters = new Map<string, string>();
  for (let at = skip(header, start); at < header.length; ) {
    const equals = header.indexOf("=", at);
    if (equals < 0) return failed("x-matrix-parameter", at, header.length - at, RULE);
    const name = header.slice(at, equals).trim().toLowerCase();
    const value = readValue(header, skip(header, equals + 1));
    if (value === undefined) return failed("x-matrix-value", equals + 1, 0, RULE);
    if (parameters.has(name)) return failed("x-matrix-twice", at, equals - at, RULE);
    parameters.set(name, value.text);
    at = skip(header, value.end);
    if (at < header.length && header[at] !== ",") return failed("x-matrix-comma", at, 1, RULE);
    at = skip(header, at + 1);
  }
  return parsed(parameters);
}

function readValue(header: string, start: number): { readonly text: string; readonly end: number } | undefined {
  if (header[start] !== '"') {
    let end = start;
    while (end < header.length && header[end] !== "," && header[end] !== " " && header[end] !== "\t") end += 1;
    return { text: header.slice(start, end), end };
  }
  let text = "";
  for (let at = start + 1; at < header.length; at += 1) {
    if (header[at] === '"') return { text, end: at + 1 };
    if (header[at] === "\\") at += 1;
    text += header[at] ?? "";
  }
  return undefined;
}

function skip(header: string, from: number): number {
  let at = from;
  while (header[at] === " " || header[at] === "\t") at += 1;
  return at;
}
