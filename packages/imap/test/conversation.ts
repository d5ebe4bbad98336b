import { latin1, latin1Bytes } from "@scop/wire";
import {
  defaultLimits,
  type Effect,
  type ImapLimits,
  type Input,
  newSession,
  type Session,
  step,
  wantsInput,
} from "../src/index.ts";
import { Memory } from "./memory.ts";

const SETTINGS_MECHANISMS = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

/** One session whose effects are done at once: mailboxes in memory, and a login of `alice` with `secret`. */
export class Conversation {
  readonly memory: Memory;
  session: Session;
  output = "";
  closed = false;
  watched: number | undefined;
  watchesAll = false;
  tlsStarted = 0;
  timers: number[] = [];
  readonly writes: number[] = [];

  constructor(
    tls: "offered" | "active" = "active",
    memory: Memory = new Memory(),
    limits: Partial<ImapLimits> = {},
    compression: "offered" | "not-offered" = "not-offered",
  ) {
    this.memory = memory;
    const settings = {
      hostname: "mail.scop.test",
      mechanisms: SETTINGS_MECHANISMS,
      compression,
      limits: { ...defaultLimits, ...limits },
    };
    this.session = newSession(settings, tls);
    this.input({ on: "start" });
  }

  /** Feeds an input and all that follows from it. */
  input(first: Input): void {
    const inputs: Input[] = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      if (this.closed) return;
      const { session, effects } = step(this.session, input);
      this.session = session;
      for (const effect of effects) this.#perform(effect, inputs);
    }
  }

  /** What the server says to these octets. */
  say(text: string): string {
    return this.bytes(latin1Bytes(text));
  }

  bytes(bytes: Uint8Array): string {
    const from = this.output.length;
    this.input({ on: "bytes", bytes: bytes.slice() });
    return this.output.slice(from);
  }

  /** As `say`, in pieces that end at these places. */
  sayInPieces(text: string, cuts: readonly number[]): string {
    const from = this.output.length;
    let at = 0;
    for (const cut of [...cuts, text.length]) {
      if (cut > at) this.say(text.slice(at, cut));
      at = Math.max(at, cut);
    }
    return this.output.slice(from);
  }

  login(): this {
    this.say("L LOGIN alice secret\r\n");
    return this;
  }

  get listens(): boolean {
    return wantsInput(this.session);
  }

  #perform(effect: Effect, inputs: Input[]): void {
    switch (effect.do) {
      case "write":
        for (const bytes of effect.bytes) this.output += latin1(bytes);
        this.writes.push(effect.bytes.reduce((sum, bytes) => sum + bytes.length, 0));
        return;
      case "ask":
        inputs.push(this.memory.answer(effect.question));
        return;
      case "sasl":
        inputs.push({ on: "sasl", answer: saslAnswer(effect.mechanism, effect.response) });
        return;
      case "append-chunk":
        this.memory.append(effect.bytes);
        return;
      case "append-abort":
        this.memory.abort();
        return;
      case "watch":
        this.watched = effect.mailbox;
        return;
      case "start-tls":
        this.tlsStarted += 1;
        inputs.push({ on: "tls-started" });
        return;
      case "watch-all":
        this.watchesAll = effect.watch === "yes";
        return;
      case "compress":
        inputs.push({ on: "compressed" });
        return;
      case "turn":
        inputs.push({ on: "turn" });
        return;
      case "timer":
        this.timers.push(effect.afterMs);
        return;
      case "close":
        this.closed = true;
    }
  }
}

function saslAnswer(
  mechanism: string | undefined,
  response: Uint8Array | undefined,
): Extract<Input, { on: "sasl" }>["answer"] {
  if (response === undefined)
    return { answer: "challenge", bytes: latin1Bytes(mechanism === "PLAIN" ? "" : "Username:") };
  if (latin1(response) === "\0alice\0secret") return { answer: "done", identity: "alice@scop.test" };
  return { answer: "failed", failure: { reason: "credentials" } };
}

/** A message with these header lines and body. */
export function message(...lines: readonly string[]): Uint8Array {
  return latin1Bytes(lines.map(line => `${line}\r\n`).join(""));
}
