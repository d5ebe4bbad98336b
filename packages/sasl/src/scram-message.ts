import { base64, base64Encode, failed, latin1, type Parsed, parsed, utf8, utf8Bytes } from "@scop/wire";
import { SCRAM_ITERATIONS_MAX, SCRAM_ITERATIONS_MIN, USERNAME_OCTETS_MAX } from "./limits.ts";
import { prepareText } from "./prepare.ts";

/** Digits that an iteration count within the limit can have. */
const ITERATION_DIGITS_MAX = 7;
/** Octets of SHA-256. */
const HASH_OCTETS = 32;

/** RFC 5802 7: client-first-message */
export interface ClientFirst {
  /** As it was sent, for the `c=` of the final message. */
  readonly gs2Header: string;
  /** `n`: the client knows no binding; `y`: it believes that the server knows none; `p`: it names one. RFC 5802 6 */
  readonly flag: "n" | "y" | "p";
  /** What the signatures cover. */
  readonly bare: string;
  readonly username: string;
  readonly nonce: string;
}

/** RFC 9266 4: the only binding that is known here. */
export const BINDING_NAME = "tls-exporter";

/** RFC 5802 7: server-first-message */
export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** RFC 5802 7: client-final-message */
interface ClientFinal {
  readonly withoutProof: string;
  readonly channelBinding: string;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

/** RFC 5802 7: saslname = 1*(value-safe-char / "=2C" / "=3D") */
export function readSaslName(text: string): Parsed<string> {
  if (text.length > USERNAME_OCTETS_MAX) return failed("long-username", USERNAME_OCTETS_MAX, 0, "RFC 5802 5.1");
  let name = "";
  let from = 0;
  for (let at = text.indexOf("="); at >= 0; at = text.indexOf("=", from)) {
    const pair = text.slice(at, at + 3);
    if (pair !== "=2C" && pair !== "=3D") return failed("scram-name-escape", at, 1, "RFC 5802 5.1");
    name += text.slice(from, at) + (pair === "=2C" ? "," : "=");
    from = at + 3;
  }
  return prepareText(name + text.slice(from));
}

/** The inverse of `readSaslName`. RFC 5802 5.1 */
export function writeSaslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

/** RFC 5802 7: printable US-ASCII except the comma, at least one. */
function isNonce(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 33 || code > 126 || code === 44) return false;
  }
  return text.length > 0;
}

/**
 * RFC 5802 7: gs2-header client-first-message-bare
 * Deviation: an authzid other than the user name is refused with `authzid`.
 */
export function readClientFirst(bytes: Uint8Array): Parsed<ClientFirst> {
  const text = utf8(bytes);
  if (!text.ok) return text;
  const parts = text.value.split(",");
  const [flag = "", authzid = "", user = "", nonce = ""] = parts;
  if (parts.length < 4) return failed("scram-attributes", bytes.length, 0, "RFC 5802 7");
  if (flag !== "n" && flag !== "y" && flag !== `p=${BINDING_NAME}`)
    return failed("channel-binding", 0, flag.length, "RFC 5802 6");
  // RFC 5802 5.1: the reserved `m=` would stand here and must be refused
  if (!user.startsWith("n=") || !nonce.startsWith("r=")) return failed("scram-attributes", 0, 0, "RFC 5802 7");
  if (!isNonce(nonce.slice(2))) return failed("scram-nonce", 0, 0, "RFC 5802 7");
  const username = readSaslName(user.slice(2));
  if (!username.ok) return username;
  if (authzid !== "") {
    const named = authzid.startsWith("a=") ? readSaslName(authzid.slice(2)) : undefined;
    if (named === undefined) return failed("scram-attributes", flag.length + 1, authzid.length, "RFC 5802 7");
    if (!named.ok) return named;
    if (named.value !== username.value) return failed("authzid", flag.length + 1, authzid.length, "RFC 5802 5.1");
  }
  const gs2Header = `${flag},${authzid},`;
  return parsed({
    gs2Header,
    flag: flag === "n" || flag === "y" ? flag : "p",
    bare: text.value.slice(gs2Header.length),
    username: username.value,
    nonce: nonce.slice(2),
  });
}

export function writeServerFirst(message: ServerFirst): string {
  return `r=${message.nonce},s=${base64Encode(message.salt)},i=${message.iterations}`;
}

/** RFC 5802 7. The count is held within limits, because the client is about to work that much for a stranger. */
export function readServerFirst(bytes: Uint8Array): Parsed<ServerFirst> {
  const [nonce = "", salt = "", count = ""] = latin1(bytes).split(",");
  if (!nonce.startsWith("r=") || !salt.startsWith("s=") || !count.startsWith("i=")) {
    return failed("scram-attributes", 0, bytes.length, "RFC 5802 7");
  }
  if (!isNonce(nonce.slice(2))) return failed("scram-nonce", 0, nonce.length, "RFC 5802 7");
  const octets = base64(salt.slice(2));
  if (!octets.ok) return octets;
  const digits = count.slice(2);
  const iterations = digits.length <= ITERATION_DIGITS_MAX && /^[1-9][0-9]*$/.test(digits) ? Number(digits) : 0;
  if (octets.value.length === 0 || iterations < SCRAM_ITERATIONS_MIN || iterations > SCRAM_ITERATIONS_MAX) {
    return failed("scram-iterations", 0, bytes.length, "RFC 7677 4");
  }
  return parsed({ nonce: nonce.slice(2), salt: octets.value, iterations });
}

/** RFC 5802 7: channel-binding "," nonce ["," extensions] "," proof */
export function readClientFinal(bytes: Uint8Array): Parsed<ClientFinal> {
  const text = latin1(bytes);
  const proofAt = text.lastIndexOf(",p=");
  const withoutProof = text.slice(0, Math.max(proofAt, 0));
  const [binding = "", nonce = ""] = withoutProof.split(",");
  if (proofAt < 0 || !binding.startsWith("c=") || !nonce.startsWith("r=")) {
    return failed("scram-attributes", 0, bytes.length, "RFC 5802 7");
  }
  const channelBinding = base64(binding.slice(2));
  if (!channelBinding.ok) return channelBinding;
  const proof = base64(text.slice(proofAt + 3));
  if (!proof.ok) return proof;
  if (proof.value.length !== HASH_OCTETS) return failed("scram-proof", proofAt, 0, "RFC 5802 7");
  return parsed({
    withoutProof,
    channelBinding: latin1(channelBinding.value),
    nonce: nonce.slice(2),
    proof: proof.value,
  });
}

/** RFC 5802 7: the `v=` of server-final-message; `e=` and anything else is an error. */
export function readServerFinal(bytes: Uint8Array): Parsed<Uint8Array> {
  const [signature = ""] = latin1(bytes).split(",");
  if (!signature.startsWith("v=")) return failed("scram-server-error", 0, bytes.length, "RFC 5802 7");
  return base64(signature.slice(2));
}

/** RFC 5802 3: what both sides sign. */
export function authMessage(clientFirstBare: string, serverFirst: string, withoutProof: string): Uint8Array {
  return utf8Bytes(`${clientFirstBare},${serverFirst},${withoutProof}`);
}
