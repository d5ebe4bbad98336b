import type { Signer } from "@scop/dkim";
import type { Connection, Platform } from "@scop/platform";
import { equalBytes, latin1Bytes } from "@scop/wire";
import {
  answerProofOf,
  decodeAnswer,
  encodeFrame,
  encodeRequest,
  type Frame,
  FrameReader,
  GREETING,
  LABELS,
  NONCE_OCTETS,
  requestProofOf,
  type SignerAnswer,
  type SignerRequest,
} from "./wire.ts";

type RemoteIo = Pick<Platform, "net" | "crypto" | "timers">;

/** Where the signer is, and what it and we alone know. */
export interface RemoteSignerOptions {
  readonly address: string;
  readonly port: number;
  /** 32 octets or more. */
  readonly secret: Uint8Array;
}

/** For a connection, and for an answer, in milliseconds. */
const ANSWER_MS_MAX = 10_000;

/** Why a remote signer did not sign. */
export class SignerFailed extends Error {
  override readonly name = "SignerFailed";
}

/**
 * A `Signer` in another machine, as the image `signer` is one: each call is a connection. It rejects with `SignerFailed` where the signer
 * refuses or does not prove itself, and with `ConnectFailed` where it can't be reached. A signature costs two round trips.
 */
export function remoteSigner(io: RemoteIo, options: RemoteSignerOptions): Signer {
  const keyOf = (label: string): Uint8Array => io.crypto.hmacSha256(options.secret, latin1Bytes(label));
  const keys = { caller: keyOf(LABELS.caller), signer: keyOf(LABELS.signer) };
  const ask = async (request: SignerRequest): Promise<SignerAnswer> => {
    const connection = await io.net.connect({ ...options, timeoutMs: ANSWER_MS_MAX });
    const timer = io.timers.set(ANSWER_MS_MAX, () => connection.abort());
    try {
      return await converse(io, connection, keys, request);
    } finally {
      timer.clear();
      connection.abort();
    }
  };
  return {
    keys: async domain => {
      const answer = await ask({ ask: "keys", domain });
      if (answer.answer !== "keys") throw new SignerFailed(`the signer answered ${answer.answer}`);
      return answer.keys.map(key => ({ domain, ...key }));
    },
    sign: async (domain, selector, _digest, octets) => {
      if (octets === undefined)
        throw new SignerFailed("the signer looks at what it signs, and was given a digest alone");
      const answer = await ask({ ask: "sign", domain, selector, octets });
      if (answer.answer === "refused") throw new SignerFailed(`the signer refused: ${answer.why}`);
      if (answer.answer !== "signature") throw new SignerFailed(`the signer answered ${answer.answer}`);
      return answer.signature;
    },
  };
}

async function converse(
  io: RemoteIo,
  connection: Connection,
  keys: { readonly caller: Uint8Array; readonly signer: Uint8Array },
  request: SignerRequest,
): Promise<SignerAnswer> {
  const reader = new FrameReader();
  const read = async <What>(take: () => What | undefined): Promise<What> => {
    for (let taken = take(); ; taken = take()) {
      if (taken !== undefined) return taken;
      const bytes = await connection.read();
      if (bytes === undefined) throw new SignerFailed("the signer left: it may know another secret");
      reader.feed(bytes);
    }
  };
  const greeting = await read(() => reader.take(GREETING.length));
  if (!equalBytes(greeting, GREETING)) throw new SignerFailed("there is no signer");
  const nonce = await read(() => reader.take(NONCE_OCTETS));
  const body = encodeRequest(request);
  const proof = io.crypto.hmacSha256(keys.caller, requestProofOf(nonce, 0, body));
  await connection.write(encodeFrame({ body, proof }));
  const frame: Frame | "too-long" = await read(() => reader.next());
  const answer = frame === "too-long" ? undefined : decodeAnswer(frame.body);
  if (frame === "too-long" || answer === undefined) throw new SignerFailed("the signer's answer is none");
  const expected = io.crypto.hmacSha256(keys.signer, answerProofOf(proof, frame.body));
  if (!equalBytes(expected, frame.proof)) throw new SignerFailed("the signer did not prove itself");
  return answer;
}
