import { readFileSync } from "node:fs";

/** A difference between our answer and Dovecot's, and why it is there. */
export interface Explained {
  readonly group: string;
  readonly command: string;
  /** Lines that only one of the two answers has, normalised. */
  readonly ours: readonly string[];
  readonly dovecots: readonly string[];
  /** A sentence, or the name of one that several differences have in common. */
  readonly reason: string;
}

interface Table {
  readonly reasons: Readonly<Record<string, string>>;
  readonly differences: readonly Explained[];
}

/** Every difference that is known. */
export const EXPLAINED: readonly Explained[] = readTable();

function readTable(): readonly Explained[] {
  const text = readFileSync(new URL("explained.json", import.meta.url), "utf8");
  const { reasons, differences } = JSON.parse(text) as Table;
  for (const [name, reason] of Object.entries(reasons)) {
    if (!differences.some(each => each.reason === name)) throw new Error(`nothing has the reason ${name}: ${reason}`);
  }
  const isSaid = ({ reason }: Explained): boolean => reason in reasons || reason.includes(" ");
  const silent = differences.find(each => !isSaid(each));
  if (silent !== undefined) throw new Error(`${silent.command}: there is no reason ${silent.reason}`);
  return differences;
}
