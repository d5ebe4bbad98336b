import type { SaslAnswer } from "@scop/sasl";
import { base64, concat, latin1, type Secret } from "@scop/wire";
import { answer, ask, bye, fault, finish, perform, refusal, send, status } from "./answer.ts";
import type { Outcome } from "./backend.ts";
import { capabilitiesOf } from "./capability.ts";
import type { CommandOf } from "./command.ts";
import { emptyFramer, hasPending } from "./framer.ts";
import type { JobOf } from "./job.ts";
import { askIdle } from "./mailbox-updates.ts";
import type { Turn } from "./session.ts";

type SaslJob = JobOf<"sasl">;
type IdleJob = JobOf<"idle">;
type Authenticate = CommandOf<"AUTHENTICATE">;

const NUL = new Uint8Array(1);

/** RFC 3501 6.2.1 */
export function startTls(turn: Turn, tag: string): undefined {
  if (turn.phase.at !== "not-authenticated" || turn.phase.tls !== "offered") {
    return answer(turn, status(tag, "BAD", "STARTTLS is not possible here"));
  }
  // CVE-2011-0411: what came behind STARTTLS may have been put there by somebody in between.
  if (hasPending(turn.framer)) return bye(turn, "Nothing may follow STARTTLS");
  send(turn, status(tag, "OK", "Begin TLS now"));
  turn.job = { job: "start-tls" };
  perform(turn, { do: "start-tls" });
}

/** Nothing from before TLS is left but the count of mistakes. */
export function onTlsStarted(turn: Turn): undefined {
  turn.framer = emptyFramer;
  turn.phase = { at: "not-authenticated", tls: "active" };
  turn.job = { job: "none" };
}

/** A login in the clear is refused before the password is looked at. RFC 3501 6.2.3 */
function mayLogIn(turn: Turn, tag: string): boolean {
  if (turn.phase.at === "not-authenticated" && turn.phase.tls !== "offered") return true;
  answer(turn, status(tag, "NO", "Use STARTTLS first", { code: "PRIVACYREQUIRED" }));
  return false;
}

/** RFC 3501 6.2.2 */
export function authenticate(turn: Turn, tag: string, command: Authenticate): undefined {
  if (!mayLogIn(turn, tag)) return;
  if (!turn.settings.mechanisms.includes(command.mechanism)) {
    return answer(turn, status(tag, "NO", "There is no such mechanism", { code: "CANNOT" }));
  }
  turn.job = { job: "sasl", tag, waits: "answer" };
  perform(turn, { do: "sasl", mechanism: command.mechanism, response: command.initial });
}

/** LOGIN is PLAIN with other words. RFC 4616 2 */
export function login(turn: Turn, tag: string, user: Uint8Array, password: Secret): undefined {
  if (!mayLogIn(turn, tag)) return;
  turn.job = { job: "sasl", tag, waits: "answer" };
  perform(turn, { do: "sasl", mechanism: "PLAIN", response: concat([NUL, user, NUL, password.reveal()]) });
}

/** What the exchange says. */
export function onSaslAnswer(turn: Turn, said: SaslAnswer): undefined {
  if (turn.job.job !== "sasl") return;
  const { tag } = turn.job;
  switch (said.answer) {
    case "challenge":
      send(turn, { response: "challenge", bytes: said.bytes });
      turn.job = { job: "sasl", tag, waits: "client" };
      return;
    case "done":
      turn.job = { job: "open", tag };
      return ask(turn, { ask: "open", identity: said.identity });
    case "failed":
      return onLoginFailure(turn, tag, said.failure.reason);
  }
}

type FailureReason = Extract<SaslAnswer, { answer: "failed" }>["failure"]["reason"];

function onLoginFailure(turn: Turn, tag: string, reason: FailureReason): undefined {
  if (reason === "unavailable") return answer(turn, refusal(tag, "unavailable"));
  turn.loginFailures += 1;
  if (reason === "malformed") answer(turn, status(tag, "BAD", "The client broke the mechanism"));
  else if (reason === "authorization") {
    answer(turn, status(tag, "NO", "Nobody may act for another user", { code: "AUTHORIZATIONFAILED" }));
  } else answer(turn, status(tag, "NO", "The user name or the password is wrong", { code: "AUTHENTICATIONFAILED" }));
  if (turn.loginFailures >= turn.settings.limits.loginFailuresMax) bye(turn, "Too many failed logins");
}

/** A line of the client within an exchange. `*` ends it (RFC 3501 6.2.2). */
export function onSaslLine(turn: Turn, job: SaslJob, line: Uint8Array): undefined {
  const text = latin1(line);
  if (text === "*") return answer(turn, status(job.tag, "BAD", "The exchange was ended by the client"));
  const response = base64(text);
  if (!response.ok) return fault(turn, job.tag, response.error);
  turn.job = { ...job, waits: "answer" };
  perform(turn, { do: "sasl", mechanism: undefined, response: response.value });
}

/** The mailboxes of who logged in are there, or not. */
export function onOpened(turn: Turn, tag: string, outcome: Outcome<undefined>): undefined {
  if (!outcome.ok) return answer(turn, refusal(tag, outcome.failure));
  turn.phase = { at: "authenticated" };
  perform(turn, { do: "timer", afterMs: turn.settings.limits.idleTimeoutMs });
  answer(turn, status(tag, "OK", "Logged in", { code: "CAPABILITY", capabilities: capabilitiesOf(turn) }));
}

/** RFC 2177 3 */
export function idle(turn: Turn, tag: string): undefined {
  send(turn, { response: "continue", text: "idling" });
  const job = { job: "idle", tag, asked: "no" } as const;
  turn.job = job;
  if (turn.phase.at === "selected") askIdle(turn, job);
}

/** DONE ends it; anything else is a mistake. */
export function endIdle(turn: Turn, job: IdleJob, line: Uint8Array): undefined {
  if (latin1(line).toUpperCase() === "DONE") return finish(turn, status(job.tag, "OK", "IDLE completed"));
  fault(turn, job.tag, { code: "done-expected", offset: 0, length: line.length, rule: "RFC 2177 3" });
}
