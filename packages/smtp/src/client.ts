import { chooseMechanism, type Mechanism } from "@scop/sasl";
import { assert, base64, base64Encode, type Diagnostic, latin1Bytes, unreachable } from "@scop/wire";
import {
  type Capabilities,
  type ClientInput,
  type ClientPhase,
  type ClientState,
  type ClientStep,
  noCapabilities,
} from "./client-state.ts";
import { beginTransaction, outcomesOf, takeEnvelopeReply, takeFinalReply } from "./client-transaction.ts";
import { ClientTurn } from "./client-turn.ts";
import { QUIT_MS_MAX } from "./limits.ts";
import { type Failure, outcomeOf } from "./outcome.ts";
import { isPositive, type Reply } from "./reply.ts";
import { emptyReading, isBetweenReplies, readReplies } from "./reply-reader.ts";

/** One step of an SMTP client. It never throws on what the server sends; an input that its phase does not know is a programmer's error. */
export function stepClient(state: ClientState, input: ClientInput): ClientStep {
  const turn = new ClientTurn(state);
  const { phase } = state;
  switch (input.on) {
    case "connected":
      assert(/^[!-~]+$/.test(state.config.hostname), "the host name is one word of US-ASCII");
      turn.state.bound = input.bound === "yes";
      return turn.timer(state.config.timeouts.greetingMs).finish();
    case "bytes":
      return takeBytes(turn, input.bytes).finish();
    case "secured":
      // RFC 3207 4.2: everything that was learned before is forgotten
      Object.assign(turn.state, { secured: true, capabilities: noCapabilities, reading: emptyReading });
      turn.state.bound = input.bound === "yes";
      return hello(turn, "EHLO").finish();
    case "tls-failed":
      return fail(turn, { blame: "peer", kind: "tls", during: "STARTTLS", ...faultOf(input) }).finish();
    case "sasl":
      return respond(turn, input.bytes, input.complete).finish();
    case "sasl-failed":
      return protocol(turn, { code: "sasl", offset: 0, length: 0, rule: "RFC 4954 4" }).finish();
    case "send":
      return beginTransaction(turn, input.envelope).finish();
    case "body-sent":
      if (phase.phase !== "body") return turn.finish();
      return turn
        .enter({
          ...phase,
          phase: "final",
          transaction: { ...phase.transaction, chunksOpen: Math.max(0, input.chunks - 1) },
        })
        .timer(state.config.timeouts.finalMs)
        .finish();
    case "body-failed":
      return fail(turn, input.failure).finish();
    case "quit":
      if (phase.phase !== "idle") return turn.close(undefined).finish();
      return turn.enter({ phase: "quit" }).timer(QUIT_MS_MAX).write("QUIT").finish();
    case "timeout":
    case "ended":
      return lost(turn, input.on === "timeout" ? "timeout" : "closed").finish();
    default:
      return unreachable(input);
  }
}

function takeBytes(turn: ClientTurn, bytes: Uint8Array): ClientTurn {
  const read = readReplies(turn.state.reading, bytes);
  turn.state.reading = read.reading;
  for (const [index, given] of read.replies.entries()) {
    if (turn.phase.phase === "closed") return turn;
    // CVE-2011-0411 seen from the other side: what stands behind the 220 was put there by somebody else
    const alone = index === read.replies.length - 1 && isBetweenReplies(read.reading) && read.error === undefined;
    if (turn.phase.phase === "starttls" && given.code === 220 && !alone) {
      return protocol(turn, { code: "starttls-injection", offset: 0, length: 0, rule: "RFC 3207 4" });
    }
    takeReply(turn, given);
  }
  return read.error === undefined || turn.phase.phase === "closed" ? turn : protocol(turn, read.error);
}

function takeReply(turn: ClientTurn, given: Reply): ClientTurn {
  const { phase } = turn;
  // RFC 5321 3.8: the server goes away after it
  if (given.code === 421 && phase.phase !== "quit") return fail(turn, { blame: "peer", kind: "reply", reply: given });
  switch (phase.phase) {
    case "greeting":
      return given.code === 220 ? hello(turn, "EHLO") : refused(turn, given);
    case "ehlo":
      turn.state.capabilities = isPositive(given) ? capabilitiesOf(given) : noCapabilities;
      if (isPositive(given)) return negotiate(turn);
      // RFC 5321 3.2: a server that knows no EHLO
      return given.code >= 500 && turn.state.config.protocol === "smtp" ? hello(turn, "HELO") : refused(turn, given);
    case "helo":
      return isPositive(given) ? negotiate(turn) : refused(turn, given);
    case "starttls":
      if (given.code === 220) return turn.enter({ phase: "handshake" }).perform({ do: "start-tls" });
      return turn.state.config.tls === "require" ? refused(turn, given) : ready(turn);
    case "auth":
      return takeAuthReply(turn, phase, given);
    case "envelope":
      return takeEnvelopeReply(turn, phase.transaction, given);
    case "final":
      return takeFinalReply(turn, phase, given);
    case "quit":
      return turn.close(undefined);
    case "handshake":
    case "sasl":
    case "idle":
    case "body":
      return protocol(turn, { code: "unexpected-reply", offset: 0, length: 0, rule: "RFC 5321 4.2" });
    case "closed":
      return turn;
    default:
      return unreachable(phase);
  }
}

function hello(turn: ClientTurn, verb: "EHLO" | "HELO"): ClientTurn {
  const { hostname, timeouts, protocol } = turn.state.config;
  return turn
    .enter({ phase: verb === "EHLO" ? "ehlo" : "helo" })
    .timer(timeouts.commandMs)
    .write(`${protocol === "lmtp" ? "LHLO" : verb} ${hostname}`);
}

/** RFC 5321 4.1.1.1: ehlo-line = ehlo-keyword *( SP ehlo-param ) */
function capabilitiesOf(given: Reply): Capabilities {
  const parameters = new Map<string, readonly string[]>();
  for (const line of given.lines.slice(1)) {
    const [keyword = "", ...values] = line.toUpperCase().split(" ");
    parameters.set(keyword, values);
  }
  const size = parameters.get("SIZE");
  const octets = size?.[0] ?? "0";
  return {
    pipelining: parameters.has("PIPELINING"),
    eightBit: parameters.has("8BITMIME"),
    utf8: parameters.has("SMTPUTF8"),
    startTls: parameters.has("STARTTLS"),
    size: size === undefined ? undefined : /^[0-9]{1,20}$/.test(octets) ? Number(octets) : 0,
    mechanisms: parameters.get("AUTH") ?? [],
    chunking: parameters.has("CHUNKING"),
    binary: parameters.has("CHUNKING") && parameters.has("BINARYMIME"),
    dsn: parameters.has("DSN"),
    requireTls: parameters.has("REQUIRETLS"),
    mailMax: limitOf(parameters.get("LIMITS"), "MAILMAX"),
    recipientsMax: limitOf(parameters.get("LIMITS"), "RCPTMAX"),
  };
}

/** RFC 9422 3: limit-name "=" limit-value; what is not a number of up to six digits above zero is as if it were not there. */
function limitOf(limits: readonly string[] | undefined, name: string): number | undefined {
  const value = limits?.find(each => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  return /^[1-9][0-9]{0,5}$/.test(value) ? Number(value) : undefined;
}

/** After EHLO: TLS, then AUTH, then work. */
function negotiate(turn: ClientTurn): ClientTurn {
  const { config, secured, capabilities } = turn.state;
  if (!secured && config.tls !== "none") {
    if (capabilities.startTls) {
      return turn.enter({ phase: "starttls" }).timer(config.timeouts.commandMs).write("STARTTLS");
    }
    if (config.tls === "require") return unsupported(turn, "STARTTLS");
  }
  return ready(turn);
}

function ready(turn: ClientTurn): ClientTurn {
  const { config, secured, authenticated } = turn.state;
  if (config.auth === "no" || authenticated)
    return turn.enter({ phase: "idle", dirty: false }).perform({ do: "ready" });
  // RFC 4954 4: a password never goes out in the clear
  if (!secured) return unsupported(turn, "STARTTLS");
  const mechanism = mechanismFor(turn);
  if (mechanism === undefined) return unsupported(turn, "AUTH");
  return turn.enter({ phase: "sasl", mechanism, begun: false }).perform({ do: "sasl-start", mechanism });
}

function mechanismFor(turn: ClientTurn): Mechanism | undefined {
  const { capabilities, bound } = turn.state;
  return chooseMechanism(capabilities.mechanisms, bound ? "bound" : "unbound");
}

/** What the mechanism says. RFC 4954 4 */
function respond(turn: ClientTurn, bytes: Uint8Array | undefined, complete: boolean): ClientTurn {
  const { phase } = turn;
  if (phase.phase !== "sasl") return turn;
  const initial = bytes === undefined ? "" : bytes.length === 0 ? " =" : ` ${base64Encode(bytes)}`;
  turn.enter({ phase: "auth", complete }).timer(turn.state.config.timeouts.commandMs);
  return phase.begun ? turn.writeBase64(bytes ?? latin1Bytes("")) : turn.write(`AUTH ${phase.mechanism}${initial}`);
}

function takeAuthReply(turn: ClientTurn, phase: ClientPhase & { phase: "auth" }, given: Reply): ClientTurn {
  if (given.code === 334) {
    const challenge = base64(given.lines[0] ?? "");
    if (!challenge.ok) return protocol(turn, challenge.error);
    const mechanism = mechanismFor(turn);
    assert(mechanism !== undefined, "AUTH began with a mechanism that is offered");
    return turn
      .enter({ phase: "sasl", mechanism, begun: true })
      .perform({ do: "sasl-next", challenge: challenge.value });
  }
  if (!isPositive(given)) return refused(turn, given);
  // RFC 5802 5: a server that has not shown that it knows the account is not the one that we meant
  if (!phase.complete) return protocol(turn, { code: "sasl-incomplete", offset: 0, length: 0, rule: "RFC 4954 4" });
  turn.state.authenticated = true;
  return ready(turn);
}

function refused(turn: ClientTurn, given: Reply): ClientTurn {
  return fail(turn, { blame: "peer", kind: "reply", reply: given });
}

function unsupported(turn: ClientTurn, extension: string): ClientTurn {
  return fail(turn, { blame: "caller", kind: "unsupported", extension });
}

function protocol(turn: ClientTurn, detail: Diagnostic): ClientTurn {
  return fail(turn, { blame: "peer", kind: "protocol", detail });
}

/** The connection is gone or has to go. RFC 5321 6.1: after the final dot nobody knows whether the server took the message. */
function lost(turn: ClientTurn, kind: "closed" | "timeout"): ClientTurn {
  const { phase } = turn;
  if (phase.phase === "quit") return turn.close(undefined);
  return fail(turn, { blame: "peer", kind, during: DURING[phase.phase] });
}

const DURING: Record<ClientPhase["phase"], string> = {
  greeting: "the greeting",
  ehlo: "EHLO",
  helo: "HELO",
  starttls: "STARTTLS",
  handshake: "STARTTLS",
  auth: "AUTH",
  sasl: "AUTH",
  idle: "waiting",
  envelope: "MAIL, RCPT or DATA",
  body: "the message",
  final: "after the final dot",
  quit: "QUIT",
  closed: "waiting",
};

/** Ends the session, and with it the message under way. */
function fail(turn: ClientTurn, failure: Failure): ClientTurn {
  const { phase } = turn;
  if (phase.phase === "envelope" || phase.phase === "body" || phase.phase === "final") {
    turn.perform({ do: "outcomes", outcomes: outcomesOf(phase.transaction, failure) });
  }
  // What follows was never taken, however the message before it ended
  const unsent: Failure = failure.kind === "reply" ? failure : { blame: "peer", kind: "closed", during: "MAIL" };
  const { queued } = turn.state;
  const following = phase.phase === "body" || phase.phase === "final" ? phase.following : undefined;
  const count = following?.recipientCount ?? queued?.recipients.length ?? 0;
  if (count > 0) turn.perform({ do: "outcomes", outcomes: Array.from({ length: count }, () => outcomeOf(unsent)) });
  turn.state.queued = undefined;
  return turn.close(failure);
}

function faultOf({ fault }: ClientInput & { readonly on: "tls-failed" }): Pick<Failure & { kind: "tls" }, "fault"> {
  return fault === undefined ? {} : { fault };
}
