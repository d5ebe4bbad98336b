import type { HeaderField } from "./model.ts";

const PREFIX = "resent-";
/** Fields that servers put before a block when it is sent on. RFC 5322 3.6.6, 3.6.7 */
const TRACE: ReadonlySet<string> = new Set(["received", "return-path"]);

/**
 * The Resent fields of a header in blocks, one for each time that the message was sent again by a person, the last time first. A block
 * ends where a name of it occurs again or where trace fields stand between. `addressesOfField` and `dateOfField` read the fields.
 * RFC 5322 3.6.6
 */
export function resentBlocks(header: readonly HeaderField[]): readonly (readonly HeaderField[])[] {
  const blocks: HeaderField[][] = [];
  const names = new Set<string>();
  let block: HeaderField[] | undefined;
  for (const field of header) {
    const { lowerName } = field;
    if (TRACE.has(lowerName)) block = undefined;
    if (!lowerName.startsWith(PREFIX)) continue;
    if (block === undefined || names.has(lowerName)) {
      block = [];
      blocks.push(block);
      names.clear();
    }
    names.add(lowerName);
    block.push(field);
  }
  return blocks;
}
