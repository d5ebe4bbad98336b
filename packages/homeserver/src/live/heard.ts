import type { HomeserverIo, HomeserverOptions } from "../context.ts";
import type { Waiting } from "../waiting.ts";
import { OpenIdTokens } from "./open-id.ts";
import { Presence } from "./presence.ts";
import { LiveCounter, Typing } from "./typing.ts";

/** What users of this server and of others say and nobody stores. */
export interface Heard {
  readonly counter: LiveCounter;
  readonly typing: Typing;
  readonly openIds: OpenIdTokens;
  /** Undefined where the server keeps none. */
  readonly presence: Presence | undefined;
  /** Something happened in a room that is not stored. */
  tell(room: string): void;
}

/** Begins with nothing; those who wait hear of what happens. */
export function newHeard(
  io: Pick<HomeserverIo, "clock" | "timers" | "random">,
  { presence }: Pick<HomeserverOptions, "presence">,
  waiting: Waiting,
): Heard {
  const counter = new LiveCounter(io);
  const tell = (room: string): void => waiting.tell(room);
  const isOn = presence === "on";
  return {
    counter,
    typing: new Typing(io, counter, tell),
    openIds: new OpenIdTokens(io),
    presence: isOn ? new Presence(counter) : undefined,
    tell,
  };
}
