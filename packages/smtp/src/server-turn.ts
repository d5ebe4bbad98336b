import { assert, EMPTY, latin1Bytes } from "@scop/wire";
import type { Envelope } from "./handler.ts";
import type { Reply } from "./reply.ts";
import { replyText, says } from "./server-replies.ts";
import type { ServerEffect, ServerPhase, ServerQuestion, ServerState, ServerStep } from "./server-state.ts";

/** How many replies the end of a message has. RFC 2033 4.2 */
export function repliesFor(turn: Turn, envelope: Envelope): number {
  return turn.state.options.protocol === "lmtp" ? envelope.recipients.length : 1;
}

type Draft = { -readonly [Key in keyof ServerState]: ServerState[Key] };

/** One step under way: a copy of the state that is changed, and the effects so far. */
export class Turn {
  readonly state: Draft;
  readonly #effects: ServerEffect[] = [];
  /** Whether the client's time starts anew: it finished a command or got an answer. */
  #rearmed = false;

  constructor(state: ServerState) {
    this.state = { ...state };
  }

  get phase(): ServerPhase {
    return this.state.phase;
  }

  set phase(phase: ServerPhase) {
    this.state.phase = phase;
  }

  get idle(): boolean {
    return this.state.question === undefined && this.phase.phase !== "closed" && this.phase.phase !== "handshake";
  }

  /** Whether what comes next belongs to a message and not to a command. */
  get reading(): boolean {
    const { phase } = this.phase;
    return phase === "body" || phase === "chunk" || phase === "discard";
  }

  perform(effect: ServerEffect): this {
    this.#effects.push(effect);
    return this;
  }

  rearm(): this {
    this.#rearmed = true;
    return this;
  }

  /** A reply, which may wait for others of the same batch. */
  say(given: Reply): this {
    this.state.replies += replyText(given);
    // RFC 5321 3.8: after 421 the connection is closed, whoever said it
    return given.code === 421 ? this.close() : this;
  }

  /** A reply to a command that ends its batch. RFC 2920 3.2 (5) */
  sayNow(given: Reply): this {
    this.state.urgent = true;
    return this.say(given);
  }

  /** The same reply for each recipient of a message. RFC 2033 4.2 */
  sayTimes(given: Reply, times: number): this {
    for (let count = 0; count < times && this.phase.phase !== "closed"; count += 1) this.sayNow(given);
    return this;
  }

  /** Gives up the message that arrives, if there is one. */
  giveUp(): this {
    const { phase } = this;
    const arrives =
      phase.phase === "body" || phase.phase === "chunk" ? phase.fault === undefined : phase.phase === "chunked";
    return arrives ? this.perform({ do: "abort" }) : this;
  }

  /** A reply to what the client should not have sent. */
  refuse(given: Reply): this {
    this.say(given);
    this.state.errors += 1;
    if (this.state.errors >= this.state.options.limits.errors && this.phase.phase !== "closed") {
      this.say(says.tooManyErrors);
    }
    return this;
  }

  ask(question: ServerQuestion): this {
    assert(this.state.question === undefined, "one question at a time");
    if (this.state.urgent) this.flush();
    this.state.question = question;
    return this.perform({ do: "ask", question });
  }

  /** Ends the session after what was said. */
  close(): this {
    if (this.phase.phase === "closed") return this;
    this.giveUp();
    this.flush();
    this.phase = { phase: "closed" };
    this.state.pending = EMPTY;
    return this.perform({ do: "close" });
  }

  flush(): this {
    this.state.urgent = false;
    if (this.state.replies === "") return this;
    this.perform({ do: "write", bytes: latin1Bytes(this.state.replies) });
    this.state.replies = "";
    return this;
  }

  /** The step. Replies leave in one write, unless a question is open that more of them will follow. */
  finish(): ServerStep {
    if (this.state.question === undefined) this.flush();
    if (this.#rearmed && this.idle) {
      const { limits } = this.state.options;
      this.perform({ do: "timer", afterMs: this.reading ? limits.dataMs : limits.commandMs });
    }
    return { state: this.state, effects: this.#effects };
  }
}
