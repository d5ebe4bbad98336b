import type { SigningKey } from "@scop/dkim";
import { concat, latin1, latin1Bytes } from "@scop/wire";

/** What the signer says first; behind it 32 octets of chance, to which every proof on the connection is bound. */
export const GREETING: Uint8Array = latin1Bytes("scop-sign 1\n");
export const NONCE_OCTETS = 32;
/** Of HMAC-SHA-256. */
const PROOF_OCTETS = 32;
/** Of what one frame says: the longest header that is signed. */
export const BODY_OCTETS_MAX = 65_536;
/** What the keys of proofs are derived with from the secret: by it as key of HMAC-SHA-256. */
export const LABELS = { caller: "scop-sign caller", signer: "scop-sign signer" } as const;

const NUMBER_OCTETS = 4;

/** One thing said, and the proof that it was said by who knows the secret. On the wire: the length of `body` in 32 bits, `body`, `proof`. */
export interface Frame {
  readonly body: Uint8Array;
  readonly proof: Uint8Array;
}

export type SignerRequest =
  | { readonly ask: "keys"; readonly domain: string }
  /** `octets`: the header as it is hashed (RFC 6376 3.7), the signature's own field last. */
  | { readonly ask: "sign"; readonly domain: string; readonly selector: string; readonly octets: Uint8Array };

/** Why nothing was signed. */
type SignerRefusal = "rate" | "no-key" | "not-a-header" | "malformed";

export type SignerAnswer =
  | { readonly answer: "keys"; readonly keys: readonly Omit<SigningKey, "domain">[] }
  | { readonly answer: "signature"; readonly signature: Uint8Array }
  | { readonly answer: "refused"; readonly why: SignerRefusal };

const REFUSALS: readonly SignerRefusal[] = ["rate", "no-key", "not-a-header", "malformed"];

function number32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function text(value: string): Uint8Array {
  return concat([Uint8Array.of(value.length), latin1Bytes(value)]);
}

/** What the proof of a request is of: the connection's chance, how many requests came before, and the request. */
export function requestProofOf(nonce: Uint8Array, before: number, body: Uint8Array): Uint8Array {
  return concat([nonce, number32(before), body]);
}

/** What the proof of an answer is of: the proof of its request, and the answer. */
export function answerProofOf(requestProof: Uint8Array, body: Uint8Array): Uint8Array {
  return concat([requestProof, body]);
}

export function encodeFrame({ body, proof }: Frame): Uint8Array {
  return concat([number32(body.length), body, proof]);
}

/** Frames out of octets that come in pieces. */
export class FrameReader {
  #octets: Uint8Array = new Uint8Array(0);

  feed(bytes: Uint8Array): void {
    this.#octets = concat([this.#octets, bytes]);
  }

  /** Takes so many octets; undefined where not all are there. */
  take(count: number): Uint8Array | undefined {
    if (this.#octets.length < count) return undefined;
    const taken = this.#octets.slice(0, count);
    this.#octets = this.#octets.slice(count);
    return taken;
  }

  /** The next frame, undefined before it is complete, `too-long` beyond the limit. */
  next(): Frame | "too-long" | undefined {
    if (this.#octets.length < NUMBER_OCTETS) return undefined;
    const length = new DataView(this.#octets.buffer, this.#octets.byteOffset).getUint32(0);
    if (length > BODY_OCTETS_MAX) return "too-long";
    const whole = this.take(NUMBER_OCTETS + length + PROOF_OCTETS);
    if (whole === undefined) return undefined;
    const end = NUMBER_OCTETS + length;
    return { body: whole.subarray(NUMBER_OCTETS, end), proof: whole.subarray(end) };
  }
}

/** Reads what stands one after the other; `fault` once something is missing. */
class Fields {
  readonly #body: Uint8Array;
  #at = 0;
  fault = false;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  octet(): number {
    const value = this.#body[this.#at];
    this.#at += 1;
    if (value === undefined) this.fault = true;
    return value ?? 0;
  }

  text(): string {
    const length = this.octet();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#body.length) this.fault = true;
    return this.fault ? "" : latin1(this.#body, start, this.#at);
  }

  rest(): Uint8Array {
    return this.#body.slice(this.#at);
  }
}

/** Kind 1 or 2, the domain; for 2 the selector and the octets. Names are at most 255 octets. */
export function encodeRequest(request: SignerRequest): Uint8Array {
  if (request.ask === "keys") return concat([Uint8Array.of(1), text(request.domain)]);
  return concat([Uint8Array.of(2), text(request.domain), text(request.selector), request.octets]);
}

/** Undefined where the octets are no request. */
export function decodeRequest(body: Uint8Array): SignerRequest | undefined {
  const fields = new Fields(body);
  const kind = fields.octet();
  const domain = fields.text();
  if (kind === 1) return fields.fault || fields.rest().length > 0 ? undefined : { ask: "keys", domain };
  const selector = fields.text();
  return kind !== 2 || fields.fault ? undefined : { ask: "sign", domain, selector, octets: fields.rest() };
}

/** Kind 0 and why; kind 1 and for each key its selector, 1 for RSA or 2 for Ed25519, and in 16 bits the octets of a signature; kind 2 and the signature. */
export function encodeAnswer(answer: SignerAnswer): Uint8Array {
  switch (answer.answer) {
    case "refused":
      return Uint8Array.of(0, REFUSALS.indexOf(answer.why));
    case "signature":
      return concat([Uint8Array.of(2), answer.signature]);
    case "keys":
      return concat([
        Uint8Array.of(1, answer.keys.length),
        ...answer.keys.flatMap(({ selector, type, signatureOctets }) => [
          text(selector),
          Uint8Array.of(type === "rsa" ? 1 : 2, signatureOctets >> 8, signatureOctets),
        ]),
      ]);
  }
}

/** Undefined where the octets are no answer. */
export function decodeAnswer(body: Uint8Array): SignerAnswer | undefined {
  const fields = new Fields(body);
  const kind = fields.octet();
  if (kind === 2) return { answer: "signature", signature: fields.rest() };
  if (kind === 0) {
    const why = REFUSALS[fields.octet()];
    return why === undefined ? undefined : { answer: "refused", why };
  }
  if (kind !== 1) return undefined;
  const keys = Array.from({ length: fields.octet() }, () => {
    const selector = fields.text();
    const type = fields.octet() === 1 ? ("rsa" as const) : ("ed25519" as const);
    return { selector, type, signatureOctets: fields.octet() * 256 + fields.octet() };
  });
  return fields.fault ? undefined : { answer: "keys", keys };
}
