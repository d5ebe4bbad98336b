import { BIDI_RANGES } from "./idna/bidi-table.ts";
import { classOf, type RangeTable, readRanges } from "./range-table.ts";

let table: RangeTable | undefined;

/** A letter for each character: L; R and AL as R; E for EN, A for AN, N for NSM, O for any other. */
function classesOf(label: string): string {
  table ??= readRanges(BIDI_RANGES);
  let classes = "";
  for (const character of label) classes += classOf(table, character.codePointAt(0)!);
  return classes;
}

/** Whether a domain with this label is one that is written from right to left somewhere. RFC 5893 1.4 */
export function isRightToLeft(label: string): boolean {
  const classes = classesOf(label);
  return classes.includes("R") || classes.includes("A");
}

/** The six conditions for a label of a domain in which any label is right to left. RFC 5893 2 */
export function fulfilsBidiRule(label: string): boolean {
  const classes = classesOf(label);
  let end = classes.length;
  while (end > 0 && classes.charAt(end - 1) === "N") end -= 1;
  const last = classes.charAt(end - 1);
  if (classes.startsWith("R")) {
    const numbers = classes.includes("E") && classes.includes("A");
    return !classes.includes("L") && "REA".includes(last) && !numbers;
  }
  return classes.startsWith("L") && !classes.includes("R") && !classes.includes("A") && (last === "L" || last === "E");
}
