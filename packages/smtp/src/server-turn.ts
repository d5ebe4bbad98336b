import { assert, EMPTY, latin1Bytes } from "@scop/wire";
import { encodeReply, type Reply } from "./reply.ts";
import { says } from "./server-replies.ts";
import type { ServerEffect, ServerPhase, ServerQuestion, ServerState, ServerStep } from "./server-state.ts";

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
    this.state.replies += encodeReply(given);
    // RFC 5321 3.8: after 421 the connection is closed, whoever said it
    return given.code === 421 ? this.close() : this;
  }

  /** A reply to a command that ends its batch. RFC 2920 3.2 (5) */
  sayNow(given: Reply): this {
    this.state.urgent = true;
    return this.say(given);
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
    if (this.phase.phase === "body" && this.phase.fault === undefined) this.perform({ do: "abort" });
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
      this.perform({ do: "timer", afterMs: this.phase.phase === "body" ? limits.dataMs : limits.commandMs });
    }
    return { state: this.state, effects: this.#effects };
  }
}
