import type { Aspect, Difference } from "./compare.ts";
import type { Rule } from "./rules.ts";

/** A difference with the rule that decides it, if one does. */
export interface Decided {
  readonly rival: string;
  readonly message: string;
  readonly difference: Difference;
  readonly rule: Rule | undefined;
}

const ORDER: readonly Aspect[] = ["answer", "From", "Subject", "Date", "types", "text", "HTML", "attachments", "names"];
const UNDECIDED = "none";

/** The table: a row for each thing that is compared and each rule, with the number of messages that each rival reads otherwise. */
export function differenceTable(decided: readonly Decided[], rivals: readonly string[]): string {
  const rows = Map.groupBy(
    decided,
    ({ difference, rule }) => `${difference.aspect}|${rule?.rule ?? UNDECIDED}|${rule?.we ?? ""}`,
  );
  const lines = [
    `| what | rule | what we do | ${rivals.join(" | ")} | for example |`,
    `| --- | --- | --- | ${rivals.map(() => "---:").join(" | ")} | --- |`,
  ];
  for (const aspect of ORDER) {
    const here = [...rows.values()].filter(row => row[0]!.difference.aspect === aspect);
    for (const row of here.toSorted((one, other) => other.length - one.length)) {
      const { rule } = row[0]!;
      const counts = rivals.map(rival => row.filter(each => each.rival === rival).length);
      const cells = [
        aspect,
        rule?.rule ?? UNDECIDED,
        rule?.we ?? "",
        ...counts.map(count => (count === 0 ? "" : String(count))),
      ];
      lines.push(`| ${[...cells, `\`${row[0]!.message}\``].join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

/** How many messages each rival reads as we do, and how many it does not read. */
export function agreementTable(decided: readonly Decided[], rivals: readonly string[], messages: number): string {
  const lines = [
    "| rival | messages | all the same | read otherwise | not read |",
    "| --- | ---: | ---: | ---: | ---: |",
  ];
  for (const rival of rivals) {
    const here = decided.filter(each => each.rival === rival);
    const unread = new Set(here.filter(each => each.difference.aspect === "answer").map(each => each.message)).size;
    const otherwise = new Set(here.map(each => each.message)).size - unread;
    lines.push(`| ${[rival, messages, messages - otherwise - unread, otherwise, unread].join(" | ")} |`);
  }
  return lines.join("\n");
}
