import { send, status } from "../answer.ts";
import type { Turn } from "../session.ts";

/** What changes how the server answers once the client asked for it. RFC 5161 3.1 */
export type Extension = "CONDSTORE" | "IMAP4rev2" | "QRESYNC";

/** Each, by its name in upper case, with those that it brings along (RFC 7162 3.2.3); itself first. */
const ENABLES: ReadonlyMap<string, readonly [Extension, ...Extension[]]> = new Map([
  ["CONDSTORE", ["CONDSTORE"]],
  ["IMAP4REV2", ["IMAP4rev2"]],
  ["QRESYNC", ["QRESYNC", "CONDSTORE"]],
]);

/** Nothing, as at the start of each session. */
export const NOTHING_ENABLED: ReadonlySet<Extension> = new Set();

/** ENABLE: what is not known is passed over. RFC 5161 3.1 */
export function enableNamed(turn: Turn, names: readonly string[]): undefined {
  const known = names.map(name => ENABLES.get(name)).filter(each => each !== undefined);
  turn.enabled = new Set([...turn.enabled, ...known.flat()]);
  send(turn, { response: "enabled", capabilities: [...new Set(known.map(each => each[0]))] });
}

/**
 * A command that speaks of mod-sequences: they are told from now on. In a selected mailbox the client learns first from where on.
 * RFC 7162 3.1
 */
export function enableCondstore(turn: Turn): undefined {
  if (turn.enabled.has("CONDSTORE")) return;
  turn.enabled = new Set([...turn.enabled, "CONDSTORE"]);
  if (turn.phase.at !== "selected") return;
  const code = { code: "HIGHESTMODSEQ", number: turn.phase.view.modseq } as const;
  send(turn, status("*", "OK", "Mod-sequences are told", code));
}
