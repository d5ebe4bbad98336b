import { base64Encode, latin1Bytes, utf8Bytes } from "@scop/wire";
import type { ClientEffect, ClientPhase, ClientState, ClientStep } from "./client-state.ts";
import type { Failure } from "./outcome.ts";

type Draft = { -readonly [Key in keyof ClientState]: ClientState[Key] };

/** One step under way: a copy of the state that is changed, and the effects so far. */
export class ClientTurn {
  readonly state: Draft;
  readonly #effects: ClientEffect[] = [];

  constructor(state: ClientState) {
    this.state = { ...state };
  }

  get phase(): ClientPhase {
    return this.state.phase;
  }

  enter(phase: ClientPhase): this {
    this.state.phase = phase;
    return this;
  }

  perform(effect: ClientEffect): this {
    this.#effects.push(effect);
    return this;
  }

  /** Writes lines, each ended by CRLF, in one write. */
  write(...lines: readonly string[]): this {
    return this.perform({ do: "write", bytes: utf8Bytes(`${lines.join("\r\n")}\r\n`) });
  }

  /** A line of a SASL exchange. RFC 4954 4 */
  writeBase64(bytes: Uint8Array): this {
    return this.perform({ do: "write", bytes: latin1Bytes(`${base64Encode(bytes)}\r\n`) });
  }

  timer(afterMs: number): this {
    return this.perform({ do: "timer", afterMs });
  }

  /** The end of the session. */
  close(failure: Failure | undefined): this {
    if (this.phase.phase === "closed") return this;
    return this.enter({ phase: "closed", failure }).perform({ do: "close", failure });
  }

  finish(): ClientStep {
    return { state: this.state, effects: this.#effects };
  }
}
