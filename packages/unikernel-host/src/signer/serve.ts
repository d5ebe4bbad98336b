import type { SigningKey } from "@scop/dkim";
import type { Connection, Platform } from "@scop/platform";
import { concat, latin1 } from "@scop/wire";
import {
  answerProofOf,
  decodeRequest,
  encodeAnswer,
  encodeFrame,
  type Frame,
  FrameReader,
  GREETING,
  NONCE_OCTETS,
  requestProofOf,
  type SignerAnswer,
  type SignerRequest,
} from "./wire.ts";

/** How long a caller may say nothing before it has proven itself, and after. */
const UNPROVEN_MS_MAX = 10_000;
const SILENT_MS_MAX = 300_000;
const MINUTE_MS = 60_000;
/** The last field of what is signed, behind the line end of the one before it. RFC 6376 3.7 */
const OWN_FIELD = "\r\ndkim-signature:";

/** What signs, without its key. */
export interface SigningUnit {
  readonly key: SigningKey;
  /** Signatures in a minute; beyond them it refuses, and says so. */
  readonly perMinuteMax: number;
  /** The signature of what is to be signed, which is hashed there; undefined where that failed. */
  sign(octets: Uint8Array): Uint8Array | undefined;
  prove(octets: Uint8Array): Uint8Array;
  isProven(octets: Uint8Array, proof: Uint8Array): boolean;
}

/** Counts signatures by the minute. */
export class RateAlarm {
  readonly #io: Pick<Platform, "clock" | "log">;
  readonly #perMinuteMax: number;
  #minute = -1;
  #count = 0;

  constructor(io: Pick<Platform, "clock" | "log">, perMinuteMax: number) {
    this.#io = io;
    this.#perMinuteMax = perMinuteMax;
  }

  /** Whether one more may be made. The first that may not in a minute is an error in the log. */
  allows(): boolean {
    const minute = Math.floor(this.#io.clock.monotonic() / MINUTE_MS);
    if (minute !== this.#minute) this.#count = 0;
    this.#minute = minute;
    this.#count += 1;
    if (this.#count === this.#perMinuteMax + 1)
      this.#io.log.write("error", "more signatures are asked for than the alarm allows", {
        perMinute: this.#perMinuteMax,
      });
    return this.#count <= this.#perMinuteMax;
  }
}

/** Answers one caller until it leaves. Who can't prove that it knows the secret is let go without a word. */
export async function serveSigning(
  io: Pick<Platform, "timers" | "random" | "log">,
  connection: Connection,
  unit: SigningUnit,
  alarm: RateAlarm,
): Promise<void> {
  const nonce = io.random.bytes(NONCE_OCTETS);
  const reader = new FrameReader();
  let timer = io.timers.set(UNPROVEN_MS_MAX, () => connection.abort());
  await connection.write(concat([GREETING, nonce]));
  for (let before = 0; ; ) {
    const frame = reader.next();
    if (frame === undefined) {
      const bytes = await connection.read();
      if (bytes === undefined) break;
      reader.feed(bytes);
      continue;
    }
    if (frame === "too-long" || !unit.isProven(requestProofOf(nonce, before, frame.body), frame.proof)) {
      io.log.write("warn", "a caller did not prove itself", { remote: connection.remote.address });
      break;
    }
    before += 1;
    timer.clear();
    timer = io.timers.set(SILENT_MS_MAX, () => connection.abort());
    await connection.write(answerTo(frame, unit, alarm));
  }
  timer.clear();
  await connection.close();
}

function answerTo({ body, proof }: Frame, unit: SigningUnit, alarm: RateAlarm): Uint8Array {
  const request = decodeRequest(body);
  const answer = encodeAnswer(
    request === undefined ? { answer: "refused", why: "malformed" } : decide(request, unit, alarm),
  );
  return encodeFrame({ body: answer, proof: unit.prove(answerProofOf(proof, answer)) });
}

function decide(request: SignerRequest, { key, sign }: SigningUnit, alarm: RateAlarm): SignerAnswer {
  const isOurs = request.domain === key.domain;
  if (request.ask === "keys") return { answer: "keys", keys: isOurs ? [key] : [] };
  if (!isOurs || request.selector !== key.selector) return { answer: "refused", why: "no-key" };
  if (!isHeaderFor(request.octets, key)) return { answer: "refused", why: "not-a-header" };
  if (!alarm.allows()) return { answer: "refused", why: "rate" };
  const signature = sign(request.octets);
  return signature === undefined ? { answer: "refused", why: "no-key" } : { answer: "signature", signature };
}

/** Whether the last field is a DKIM signature for this key that lacks its signature: nothing else is signed. */
function isHeaderFor(octets: Uint8Array, key: SigningKey): boolean {
  const header = latin1(octets, 0, octets.length);
  const at = header.toLowerCase().lastIndexOf(OWN_FIELD);
  if (at < 0) return false;
  const tags = header.slice(at + OWN_FIELD.length).split(";");
  const values = new Map<string, string>();
  for (const tag of tags) {
    const equals = tag.indexOf("=");
    const name = tag.slice(0, equals).trim();
    if (equals < 0 || values.has(name)) return false;
    values.set(name, tag.slice(equals + 1).trim());
  }
  return values.get("d") === key.domain && values.get("s") === key.selector && values.get("b") === "";
}
