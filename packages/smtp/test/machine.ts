import type { IpText } from "@scop/platform";
import {
  openServer,
  type Reply,
  type ServerInput,
  type ServerOptions,
  type ServerQuestion,
  type ServerState,
  serverLimits,
  stepServer,
} from "@scop/smtp";
import { concat, latin1, latin1Bytes } from "@scop/wire";

const options: ServerOptions = {
  protocol: "smtp",
  extensions: ["CHUNKING", "BINARYMIME", "DSN"],
  futureRelease: { seconds: 86_400, until: Date.UTC(2026, 0, 2) },
  hostname: "mx.scop.test",
  tls: "offered",
  authRequired: "no",
  mechanisms: ["SCRAM-SHA-256", "PLAIN", "LOGIN"],
  nul: "refuse",
  limits: serverLimits,
};

/** What a session said and asked. */
interface Record {
  /** All that was written. */
  readonly said: string;
  /** How many writes that were. */
  readonly writes: number;
  readonly questions: readonly string[];
  /** Messages that came to their end, and the parts of those that did not. */
  readonly messages: readonly string[];
  readonly aborted: number;
  readonly closed: number;
  readonly tlsStarts: number;
  readonly timers: readonly number[];
  readonly state: ServerState;
}

export type Policy = (question: ServerQuestion) => Reply | readonly Reply[] | undefined;

export const TLS = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", verified: false };

const remote = { address: "192.0.2.1" as IpText, port: 40_000 };
const local = { address: "192.0.2.2" as IpText, port: 25 };

function nameOf(question: ServerQuestion): string {
  if (question.ask === "mail" || question.ask === "recipient") {
    const { path } = question;
    return `${question.ask} ${path.kind === "mailbox" ? `${path.mailbox.localPart}@${path.mailbox.domain}` : path.kind}`;
  }
  if (question.ask === "sasl")
    return `sasl ${question.mechanism ?? "-"} ${latin1(question.response ?? new Uint8Array())}`;
  return question.ask;
}

/** Under LMTP a policy may answer with a reply a recipient. */
function answered(question: ServerQuestion, given: Reply | readonly Reply[] | undefined): ServerInput {
  if (given === undefined || "code" in given) return { on: "decision", reply: given };
  return question.ask === "end" ? { on: "decisions", replies: given } : { on: "decision", reply: given[0] };
}

/** Runs a server machine over inputs, answering what it asks by the policy, and SASL by `done`. */
export function converse(
  inputs: readonly (string | Uint8Array | ServerInput)[],
  given: Partial<ServerOptions> = {},
  policy: Policy = () => undefined,
  secured: "tls" | "clear" = "clear",
): Record {
  const merged = { ...options, ...given };
  let state = openServer(merged, { remote, local, tls: secured === "tls" ? TLS : undefined });
  const record = { said: "", writes: 0, aborted: 0, closed: 0, tlsStarts: 0 };
  const questions: string[] = [];
  const messages: string[] = [];
  const timers: number[] = [];
  let body: Uint8Array[] = [];
  const feed = (first: ServerInput): void => {
    let input: ServerInput | undefined = first;
    while (input !== undefined) {
      const step: ReturnType<typeof stepServer> = stepServer(state, input);
      state = step.state;
      input = undefined;
      for (const effect of step.effects) {
        if (effect.do === "write") {
          record.said += latin1(effect.bytes);
          record.writes += 1;
        } else if (effect.do === "ask") {
          questions.push(nameOf(effect.question));
          if (effect.question.ask === "end") {
            messages.push(latin1(concat(body)));
            body = [];
          }
          input =
            effect.question.ask === "sasl"
              ? { on: "sasl", answer: { answer: "done", identity: "alice@scop.test" } }
              : answered(effect.question, policy(effect.question));
        } else if (effect.do === "body") body.push(effect.bytes.slice());
        else if (effect.do === "abort") {
          record.aborted += 1;
          body = [];
        } else if (effect.do === "close") record.closed += 1;
        else if (effect.do === "start-tls") {
          record.tlsStarts += 1;
        } else if (effect.do === "timer") timers.push(effect.afterMs);
      }
    }
  };
  feed({ on: "connected" });
  for (const input of inputs) {
    if (typeof input === "string") feed({ on: "bytes", bytes: latin1Bytes(input) });
    else feed(input instanceof Uint8Array ? { on: "bytes", bytes: input } : input);
  }
  return { ...record, questions, messages, timers, state };
}

/** The codes of the replies, multi-line ones once. */
export function codes(said: string): readonly number[] {
  return said
    .split("\r\n")
    .filter(line => line !== "" && line[3] !== "-")
    .map(line => Number(line.slice(0, 3)));
}

/** The last line that was said. */
export function last(said: string): string {
  return said.trimEnd().split("\r\n").at(-1) ?? "";
}

export const HELLO = "EHLO client.example\r\n";
export const TRANSACTION = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@scop.test>\r\nDATA\r\n";
