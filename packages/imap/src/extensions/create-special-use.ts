import { Octet } from "@scop/wire";
import { readMailbox } from "../arguments.ts";
import type { CommandOf } from "../command.ts";
import { ITEMS_MAX } from "../limits.ts";
import type { Reader } from "../reader.ts";
import { ImapClass } from "../syntax.ts";

const CLOSE = 41;

/** RFC 6154 3, in the syntax of RFC 4466 2.2: create = "CREATE" SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"] */
export function readCreate(reader: Reader): CommandOf<"CREATE"> | undefined {
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  if (mailbox === undefined) return undefined;
  if (!reader.take(Octet.space)) return { command: "CREATE", mailbox, uses: [] };
  if (!reader.word("(USE (")) return reader.fail("create-parameter-unknown", "RFC 6154 3");
  const uses = new Set<string>();
  if (!reader.take(CLOSE)) {
    do {
      const use = reader.take(Octet.backslash) ? reader.text(ImapClass.atom) : "";
      if (use === "" || uses.size === ITEMS_MAX) return reader.fail("use-attribute-expected", "RFC 6154 6");
      uses.add(`\\${use[0]!.toUpperCase()}${use.slice(1).toLowerCase()}`);
    } while (reader.take(Octet.space));
    if (!reader.take(CLOSE)) return reader.fail("list-end-expected");
  }
  return reader.take(CLOSE) ? { command: "CREATE", mailbox, uses: [...uses] } : reader.fail("list-end-expected");
}
