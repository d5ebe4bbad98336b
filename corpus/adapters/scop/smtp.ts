import { formatPath } from "@scop/address";
import type { JsonObject } from "@scop/corpus";
import type { Instant, IpText } from "@scop/platform";
import type { SaslAnswer, SaslFailure } from "@scop/sasl";
import {
  type Envelope,
  type Extension,
  formatMail,
  formatRecipient,
  openServer,
  type Reply,
  type ServerEffect,
  type ServerInput,
  type ServerLimits,
  type ServerOptions,
  type ServerQuestion,
  type ServerState,
  serverLimits,
  stepServer,
} from "@scop/smtp";
import { concat, EMPTY, latin1, latin1Bytes } from "@scop/wire";
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
  /** What the host refuses, with the code of the reply: a question, or one recipient by its address; of LMTP a code for each recipient. */
  readonly refuse?: Readonly<Record<string, number | readonly number[]>>;
}

/** What comes in a dialogue: octets, one a character, or something that happens. */
type DialogueEvent = { readonly send: string } | { readonly event: "secured" | "timeout" | "closing" | "ended" };

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

/** What a keyword of EHLO says, by its name. */
function announcedIn(said: string): JsonObject {
  const replies = said.split(/(?<=^|\r\n)(?=\d{3}[ -])/).filter(line => line.startsWith("250"));
  const words = replies.map(line => /^250[ -]([A-Z0-9-]+)(?: (.*))?\r\n$/.exec(line)).filter(found => found !== null);
  return Object.fromEntries(words.map(([, name = "", value = ""]) => [name, value]));
}

/** A session with a server whose host accepts everything but what the case says. */
class Session {
  readonly #asked: AskedServer;
  readonly #exchange = new Exchange();
  #state: ServerState;
  #said = "";
  /** Characters that were said before the handshake. */
  #inClear = 0;
  #tls: "none" | "started" | "obeyed" = "none";
  #isOpen = true;
  #body: Uint8Array[] = [];
  readonly #messages: string[] = [];
  readonly #envelopes: JsonObject[] = [];
  #envelope: Envelope | undefined;

  constructor(asked: AskedServer) {
    const options = optionsOf(asked);
    this.#asked = asked;
    this.#state = openServer(options, {
      remote: REMOTE,
      local: LOCAL,
      tls: options.tls === "active" ? TLS : undefined,
    });
    this.feed({ on: "connected" });
  }

  /** Whether octets are still read in clear. */
  get isReading(): boolean {
    return this.#isOpen && this.#tls === "none";
  }

  feed(first: ServerInput): void {
    for (let input: ServerInput | undefined = first; input !== undefined; ) {
      const step: ReturnType<typeof stepServer> = stepServer(this.#state, input);
      this.#state = step.state;
      input = undefined;
      for (const effect of step.effects) input = this.#perform(effect);
    }
  }

  /** The handshake is over. */
  secure(): void {
    this.#tls = "none";
    this.#inClear = this.#said.length;
    this.feed({ on: "secured", tls: TLS });
  }

  #perform(effect: ServerEffect): ServerInput | undefined {
    if (this.#tls !== "none" && effect.do !== "timer") this.#tls = "obeyed";
    if (effect.do === "write") this.#said += latin1(effect.bytes);
    else if (effect.do === "body") this.#body.push(effect.bytes.slice());
    else if (effect.do === "abort") this.#body = [];
    else if (effect.do === "start-tls") this.#tls = "started";
    else if (effect.do === "close") this.#isOpen = false;
    else if (effect.do === "ask") return this.#answer(effect.question);
    return undefined;
  }

  #answer(question: ServerQuestion): ServerInput {
    if (question.ask === "sasl")
      return { on: "sasl", answer: this.#exchange.next(question.mechanism, question.response) };
    const { refuse = {} } = this.#asked;
    if (question.ask === "data") this.#envelope = question.envelope;
    const address = question.ask === "recipient" ? formatPath(question.path) : "";
    const code = refuse[address] ?? refuse[question.ask];
    if (question.ask === "end") this.#end(typeof code === "number");
    if (typeof code === "object") return { on: "decisions", replies: code.map(each => refusal(each)) };
    return { on: "decision", reply: code === undefined ? undefined : refusal(code) };
  }

  #end(isRefused: boolean): void {
    if (!isRefused) {
      this.#messages.push(base64(concat(this.#body)));
      const { reversePath, recipients, parameters, recipientParameters } = this.#envelope!;
      this.#envelopes.push({
        mail: formatMail(reversePath, parameters).trimEnd(),
        recipients: recipients.map((path, at) => formatRecipient(path, recipientParameters[at]!).trimEnd()),
        hold: parameters.hold === undefined ? null : parameters.hold,
      });
    }
    this.#body = [];
  }

  /** What it came to. */
  value(): JsonObject {
    return {
      transactions: this.#messages.length,
      messages: this.#messages,
      replies: classesOf(this.#said),
      obeyed: this.#tls === "obeyed",
      envelopes: this.#envelopes,
      announced: announcedIn(this.#said.slice(this.#inClear)),
      open: this.#isOpen,
    };
  }
}

function refusal(code: number): Reply {
  return { code, enhanced: undefined, lines: ["as the case says"] };
}

/** The octets in pieces of these sizes. */
export function piecesOf(bytes: Uint8Array, params: JsonObject): readonly Uint8Array[] {
  let at = 0;
  return (params["chunks"] as readonly number[]).map(size => {
    at += size;
    return bytes.slice(at - size, at);
  });
}

const FIELDS = ["transactions", "messages", "replies", "obeyed"];

function askedBy(params: JsonObject): AskedServer {
  return (params["server"] as AskedServer | undefined) ?? {};
}

/** Sessions with the server of `@scop/smtp`. */
export const smtp: Operations = {
  "smtp.session": {
    fields: FIELDS,
    run: (bytes, params) => {
      const session = new Session(askedBy(params));
      for (const piece of piecesOf(bytes, params)) if (session.isReading) session.feed({ on: "bytes", bytes: piece });
      return accepted(session.value());
    },
  },
  "smtp.dialogue": {
    fields: [...FIELDS, "envelopes", "announced", "open"],
    run: (_, params) => {
      const session = new Session(askedBy(params));
      for (const event of params["events"] as readonly DialogueEvent[]) {
        if ("send" in event) {
          if (session.isReading) session.feed({ on: "bytes", bytes: latin1Bytes(event.send) });
        } else if (event.event === "secured") session.secure();
        else session.feed({ on: event.event });
      }
      return accepted(session.value());
    },
  },
};
