import type { Context } from "../context.ts";
import { RuleBook } from "../push/rule-book.ts";
import { Unread } from "../push/unread.ts";
import { Connections } from "../sliding/connections.ts";
import { Bumps } from "../sliding/rooms.ts";
import type { Waiting } from "../waiting.ts";
import { OpenIdTokens } from "./open-id.ts";
import { Presence } from "./presence.ts";
import { LiveCounter, Typing } from "./typing.ts";

/** What is at hand while the server runs, and not stored. */
export interface Live {
  readonly counter: LiveCounter;
  readonly typing: Typing;
  /** Undefined where the server keeps none. */
  readonly presence: Presence | undefined;
  readonly unread: Unread;
  readonly bumps: Bumps;
  readonly connections: Connections;
  readonly openIds: OpenIdTokens;
  /** Ends what runs. */
  close(): void;
}

/** Begins with nothing; those who wait hear of what happens. */
export function newLive(context: Context, waiting: Waiting): Live {
  const counter = new LiveCounter(context.io);
  const rules = new RuleBook(context.store);
  const typing = new Typing(context.io, counter, room => waiting.tell(room));
  return {
    counter,
    typing,
    presence: context.options.presence === "on" ? new Presence(counter) : undefined,
    unread: new Unread(context, rules),
    bumps: new Bumps(),
    connections: new Connections(),
    openIds: new OpenIdTokens(context.io),
    close() {
      typing.close();
      rules.close();
    },
  };
}
