import type { JsonObject } from "@scop/corpus";
import type { Instant, IpText } from "@scop/platform";
import type { SaslAnswer, SaslFailure } from "@scop/sasl";
import {
  type Extension,
  openServer,
  type ServerInput,
  type ServerLimits,
  type ServerOptions,
  serverLimits,
  stepServer,
} from "@scop/smtp";
import { concat, EMPTY, latin1 } from "@scop/wire";
import { accepted, base64, type Operations } from "./operation.ts";

const REMOTE = { address: "192.0.2.1" as IpText, port: 40_000 };
const LOCAL = { address: "192.0.2.2" as IpText, port: 25 };

/** `params.server` of a case; README.md says what each means. */
interface AskedServer {
  readonly starttls?: unknown;
  readonly tls?: unknown;
  readonly lmtp?: unknown;
  readonly authRequired?: unknown;
  readonly extensions?: readonly Extension[];
  readonly mechanisms?: readonly string[];
  readonly limits?: Partial<ServerLimits>;
  readonly futureRelease?: { readonly seconds: number; readonly until: string };
}

const TLS = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", verified: false };
/** The one account: the message of PLAIN that names it, and the answers of LOGIN's two questions. */
const PLAIN = "\0ann\0secret";
const LOGIN = ["ann", "secret"];

function optionsOf(asked: AskedServer): ServerOptions {
  const { starttls, tls, lmtp, authRequired, extensions = [], mechanisms = [], limits = {}, futureRelease } = asked;
  return {
    protocol: lmtp === true ? "lmtp" : "smtp",
    extensions,
    futureRelease: futureRelease && { ...futureRelease, until: Date.parse(futureRelease.until) as Instant },
    hostname: "mx.example.net",
    tls: tls === true ? "active" : starttls === true ? "offered" : "none",
    authRequired: authRequired === true ? "yes" : "no",
    mechanisms,
    nul: "refuse",
    limits: { ...serverLimits, ...limits },
  };
}

/** Exchanges of PLAIN and LOGIN with the one account. */
class Exchange {
  #login: string[] | undefined;

  next(mechanism: string | undefined, response: Uint8Array | undefined): SaslAnswer {
    const text = response === undefined ? undefined : latin1(response);
    if (mechanism !== undefined) this.#login = mechanism === "LOGIN" ? [] : undefined;
    if (text !== undefined) {
      if (this.#login === undefined) return answerOf(text === PLAIN);
      this.#login.push(text);
      if (this.#login.length === 2) return answerOf(this.#login.every((each, at) => each === LOGIN[at]));
    }
    return { answer: "challenge", bytes: EMPTY };
  }
}

function answerOf(isRight: boolean): SaslAnswer {
  if (isRight) return { answer: "done", identity: "ann" };
  return { answer: "failed", failure: { reason: "credentials" } as SaslFailure };
}

/** The classes of replies, those of several lines once, the greeting left out. */
function classesOf(said: string): string {
  const lines = said.split("\r\n").filter(line => line !== "" && line[3] !== "-");
  return lines
    .slice(1)
    .map(line => line[0])
    .join("");
}

/** A session with a server that accepts everything that it is asked. */
function converse(options: ServerOptions, pieces: readonly Uint8Array[]): JsonObject {
  let state = openServer(options, { remote: REMOTE, local: LOCAL, tls: options.tls === "active" ? TLS : undefined });
  const exchange = new Exchange();
  let said = "";
  let tls = "none" as "none" | "started" | "obeyed";
  let isOpen = true;
  let body: Uint8Array[] = [];
  const messages: string[] = [];
  const feed = (first: ServerInput): void => {
    for (let input: ServerInput | undefined = first; input !== undefined; ) {
      const step: ReturnType<typeof stepServer> = stepServer(state, input);
      state = step.state;
      input = undefined;
      for (const effect of step.effects) {
        if (tls !== "none" && effect.do !== "timer") tls = "obeyed";
        if (effect.do === "write") said += latin1(effect.bytes);
        else if (effect.do === "body") body.push(effect.bytes.slice());
        else if (effect.do === "abort") body = [];
        else if (effect.do === "start-tls") tls = "started";
        else if (effect.do === "close") isOpen = false;
        else if (effect.do === "ask") {
          if (effect.question.ask === "end") {
            messages.push(base64(concat(body)));
            body = [];
          }
          const { question } = effect;
          if (question.ask === "sasl")
            input = { on: "sasl", answer: exchange.next(question.mechanism, question.response) };
          else input = { on: "decision", reply: undefined };
        }
      }
    }
  };
  feed({ on: "connected" });
  for (const bytes of pieces) if (isOpen && tls === "none") feed({ on: "bytes", bytes });
  return { transactions: messages.length, messages, replies: classesOf(said), obeyed: tls === "obeyed" };
}

/** The octets in pieces of these sizes. */
export function piecesOf(bytes: Uint8Array, params: JsonObject): readonly Uint8Array[] {
  let at = 0;
  return (params["chunks"] as readonly number[]).map(size => {
    at += size;
    return bytes.slice(at - size, at);
  });
}

/** Sessions with the server of `@scop/smtp`. */
export const smtp: Operations = {
  "smtp.session": {
    fields: ["transactions", "messages", "replies", "obeyed"],
    run: (bytes, params) =>
      accepted(converse(optionsOf((params["server"] as AskedServer | undefined) ?? {}), piecesOf(bytes, params))),
  },
};
