import type { Failure, RecipientOutcome, Reply } from "@scop/smtp";
import { unreachable } from "@scop/wire";
import { REPLY_CHARACTERS_MAX } from "./limits.ts";

/** What went wrong with an item. */
export interface Problem {
  /** Who has to mend it: the other side or the way there, or who gave the message. */
  readonly blame: "peer" | "caller";
  readonly lasting: "temporary" | "permanent";
  /** RFC 3463, as in `4.4.1`. */
  readonly status: string;
  /** For people, without line breaks. */
  readonly text: string;
  /** The SMTP reply behind it, for reports. */
  readonly reply: string | undefined;
  /** Who answered; undefined where the problem is ours. RFC 3464 2.3.5 */
  readonly remoteHost: string | undefined;
  /** What the session says, where there was one. */
  readonly failure: Failure | undefined;
}

/** Who answered, or did not. */
export interface Remote {
  readonly name: string;
  readonly address: string;
}

/** As in `mx.example.org (192.0.2.1)`. */
export function remoteText({ name, address }: Remote): string {
  return name === address ? address : `${name} (${address})`;
}

/** A problem without a session: of ours, or of the network's. */
export function problem(
  lasting: Problem["lasting"],
  status: string,
  text: string,
  blame: Problem["blame"] = "peer",
): Problem {
  return { blame, lasting, status, text, reply: undefined, remoteHost: undefined, failure: undefined };
}

/** The problem of one recipient; undefined if there is none. */
export function problemOf(outcome: RecipientOutcome, remote: Remote): Problem | undefined {
  if (outcome.outcome === "delivered") return undefined;
  return problemOfFailure(outcome.failure, outcome.outcome, remote);
}

/** What a failure means for the mail. */
export function problemOfFailure(failure: Failure, lasting: Problem["lasting"], remote: Remote): Problem {
  const at = (status: string, text: string): Problem => ({
    ...problem(lasting, ofClass(lasting, status), `${remoteText(remote)}: ${text}`, failure.blame),
    failure,
  });
  switch (failure.kind) {
    case "reply":
      return { ...ofReply(failure.reply, lasting, remote), failure };
    case "closed":
      return at("4.4.2", `The connection ended during ${failure.during}`);
    case "timeout":
      return at("4.4.2", `No answer during ${failure.during}`);
    case "tls":
      return at("4.7.5", `TLS failed during ${failure.during}`);
    case "protocol":
      return at("4.5.0", `What the server said is not SMTP: ${failure.detail.code}`);
    case "unsupported":
      return at(EXTENSION_STATUS.get(failure.extension) ?? "5.5.0", `The server lacks ${failure.extension}`);
    case "message":
      return at("5.6.0", `The message can't be sent: ${failure.detail.code}`);
    default:
      return unreachable(failure);
  }
}

/** RFC 6152 3, RFC 3030 3, RFC 6531 3.5, RFC 1870 6.1, RFC 5248 */
const EXTENSION_STATUS: ReadonlyMap<string, string> = new Map([
  ["8BITMIME", "5.6.3"],
  ["BINARYMIME", "5.6.3"],
  ["SMTPUTF8", "5.6.7"],
  ["SIZE", "5.3.4"],
  ["STARTTLS", "5.7.10"],
  // RFC 8689 7
  ["REQUIRETLS", "5.7.30"],
  ["AUTH", "5.7.0"],
]);

function ofReply(reply: Reply, lasting: Problem["lasting"], remote: Remote): Problem {
  const said = `${[reply.code, reply.enhanced].filter(part => part !== undefined).join(" ")} ${reply.lines.join(" ")}`;
  const text = said.slice(0, REPLY_CHARACTERS_MAX);
  const status = reply.enhanced ?? "5.0.0";
  return {
    ...problem(lasting, ofClass(lasting, status), `${remoteText(remote)} said: ${text}`),
    reply: text,
    remoteHost: remote.name,
  };
}

/** The status with the class that says whether it lasts. RFC 3463 3.1 */
function ofClass(lasting: Problem["lasting"], status: string): string {
  return `${lasting === "permanent" ? 5 : 4}${status.slice(1)}`;
}
