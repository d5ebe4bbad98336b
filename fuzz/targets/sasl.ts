import { createHash, createHmac } from "node:crypto";
import type { Grammar } from "@scop/fuzz";
import {
  MECHANISMS,
  prepareText,
  type ScramVerifier,
  startClient,
  startServer,
  stepClient,
  stepServer,
} from "@scop/sasl";
import { concat, utf8Bytes } from "@scop/wire";
import { check, latin1, textOf } from "./properties.ts";

export const about =
  "nobody comes in without the password, whoever has it does, and no server is believed without its signature";
/** The first octet picks the mechanism, the messages behind it end with LF. */
export const seeds: readonly string[] = [
  "1n,,n=alice,r=abc\nc=biws,r=abcAAAA,p=YWJj\n",
  "0p=tls-exporter,,n=alice,r=abc\nc=YWJj,r=abc,p=AAAA\n",
  "2\0alice\0secret\n",
  "2alice\0alice\0wrong\n",
  "3alice\nsecret\n",
  "1r=AAAAabc,s=c2FsdA==,i=4096\nv=AAAA\n",
];
export const grammar: Grammar = {
  exchange: ["{mechanism}{messages}"],
  mechanism: ["0", "1", "2", "3"],
  messages: ["{message}\n", "{message}\n{messages}"],
  message: [
    "{gs2},n={name},r={text}",
    "c={text},r={text},p={text}",
    "{text}\0{name}\0{name}",
    "{name}",
    "r={text},s={text},i={n}",
    "v={text}",
    "e={text}",
    "m={text},{message}",
  ],
  gs2: ["n,", "y,", "p=tls-exporter,", "n,a={name}", "p=x,"],
  name: ["alice", "=2C", "=3D", "=", "é", "secret", "{name}{name}", "ª", "\u0300"],
  text: ["abc", "biws", "YWJj", "c2FsdA==", "AAAA", "", "é", "{text}{text}"],
  n: ["4096", "1", "0", "999999999", "04096", "{n}{n}"],
};

const PASSWORD = "secret";
const SALT = utf8Bytes("salt");
const ITERATIONS = 4_096;
const MESSAGES_MAX = 8;
const NONCE = new Uint8Array(18);
const hashes = {
  sha256: (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest()),
  hmacSha256: (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
    new Uint8Array(createHmac("sha256", key).update(bytes).digest()),
};

/** A stand-in for the slow derivation: what is tried is who has the password, and not the function. */
function salted(password: Uint8Array, salt: Uint8Array): Uint8Array {
  return hashes.sha256(concat([password, salt]));
}

function verifierOf(password: string): ScramVerifier {
  const key = salted(utf8Bytes(password), SALT);
  const storedKey = hashes.sha256(hashes.hmacSha256(key, utf8Bytes("Client Key")));
  return { salt: SALT, iterations: ITERATIONS, storedKey, serverKey: hashes.hmacSha256(key, utf8Bytes("Server Key")) };
}

const VERIFIER = verifierOf(PASSWORD);

export function fuzz(data: Uint8Array): void {
  const mechanism = MECHANISMS[(data[0] ?? 0) % MECHANISMS.length]!;
  const messages = latin1(data.subarray(1)).split("\n").slice(0, MESSAGES_MAX);
  const binding = mechanism === "SCRAM-SHA-256-PLUS" ? NONCE : undefined;
  const octets = messages.map(text => new Uint8Array(Buffer.from(text, "latin1")));
  const isIn = serve(mechanism, binding, octets);
  check(!isIn || latin1(data).includes(PASSWORD), "nobody comes in without the password");
  check(!isIn || !mechanism.startsWith("SCRAM"), "no proof of SCRAM is guessed");
  const isBelieved = listen(mechanism, binding, octets);
  check(!isBelieved || !mechanism.startsWith("SCRAM"), "no signature of a server is guessed");
  const text = prepareText(textOf(data));
  if (!text.ok) return;
  const again = prepareText(text.value);
  check(again.ok && again.value === text.value, "prepared text is prepared");
  check(!/[\0-\x1f\x7f]/.test(text.value), "prepared text has no controls");
}

/** Whether a server that hears these messages lets somebody in. */
function serve(
  mechanism: (typeof MECHANISMS)[number],
  binding: Uint8Array | undefined,
  messages: readonly Uint8Array[],
): boolean {
  let state = startServer(mechanism, NONCE, binding);
  for (const bytes of messages) {
    let step = stepServer(hashes, state, { on: "message", bytes });
    if (step.effect.do === "lookup")
      step = stepServer(hashes, step.state, { on: "account", identity: "alice@example.org", verifier: VERIFIER });
    if (step.effect.do === "derive") {
      const { password, salt } = step.effect;
      step = stepServer(hashes, step.state, { on: "salted", saltedPassword: salted(password, salt) });
    }
    if (step.effect.do === "done") return true;
    if (step.effect.do === "failed") return false;
    state = step.state;
  }
  return false;
}

/** Whether a client that hears these challenges takes the server for the right one. */
function listen(
  mechanism: (typeof MECHANISMS)[number],
  binding: Uint8Array | undefined,
  messages: readonly Uint8Array[],
): boolean {
  let step = stepClient(hashes, startClient(mechanism, { username: "alice", password: PASSWORD }, NONCE, binding), {
    on: "start",
  });
  for (const bytes of messages) {
    if (step.state.phase === "complete") break;
    step = stepClient(hashes, step.state, { on: "challenge", bytes });
    if (step.effect.do === "derive")
      step = stepClient(hashes, step.state, {
        on: "salted",
        saltedPassword: salted(step.effect.password, step.effect.salt),
      });
    if (step.effect.do === "failed") return false;
  }
  return step.state.phase === "complete";
}
