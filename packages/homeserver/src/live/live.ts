import type { Context } from "../context.ts";
import { RuleBook } from "../push/rule-book.ts";
import { Unread } from "../push/unread.ts";
import { Connections } from "../sliding/connections.ts";
import { Bumps } from "../sliding/rooms.ts";

/** What is at hand while the server runs, and not stored. */
export interface Live {
  readonly unread: Unread;
  readonly bumps: Bumps;
  readonly connections: Connections;
  /** Ends what runs. */
  close(): void;
}

/** Begins with nothing. */
export function newLive(context: Context): Live {
  const rules = new RuleBook(context.store);
  return {
    unread: new Unread(context, rules),
    bumps: new Bumps(),
    connections: new Connections(),
    close() {
      context.heard.typing.close();
      rules.close();
    },
  };
}
