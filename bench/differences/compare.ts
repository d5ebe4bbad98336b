import type { Answer } from "./answer.ts";

/** What is compared. */
export type Aspect = "answer" | "From" | "Subject" | "Date" | "types" | "text" | "HTML" | "attachments" | "names";

/** One thing that a rival reads otherwise. */
export interface Difference {
  readonly aspect: Aspect;
  readonly ours: string;
  readonly theirs: string;
}

/** Where lines are folded and what stands between texts is everybody's own choice: white space is left out of the comparison. */
function bare(texts: readonly string[]): string {
  return texts.join("").replace(/\s+/gu, "");
}

function oneSpace(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}

function contents(answer: Answer): string {
  return answer.files
    .map(([, octets, hash]) => `${octets} octets (${hash.toString(16)})`)
    .toSorted()
    .join(", ");
}

/** What the rival reads otherwise than we do. Names of files are compared where their contents agree. */
export function differencesOf(ours: Answer, theirs: Answer): readonly Difference[] {
  if (theirs.error !== undefined) return [{ aspect: "answer", ours: "read", theirs: theirs.error }];
  const found: Difference[] = [];
  const compare = (aspect: Aspect, of: (answer: Answer) => string): void => {
    if (of(ours) !== of(theirs)) found.push({ aspect, ours: of(ours), theirs: of(theirs) });
  };
  compare("From", ({ from }) => from.map(([name, address]) => `${oneSpace(name)} <${address}>`).join(", "));
  compare("Subject", ({ subject }) => oneSpace(subject ?? ""));
  compare("Date", ({ date }) => (date === null ? "none" : new Date(date * 1_000).toISOString()));
  if (theirs.types !== undefined) compare("types", ({ types }) => (types ?? []).join(" "));
  compare("text", ({ texts }) => bare(texts));
  compare("HTML", ({ pages }) => bare(pages));
  compare("attachments", contents);
  if (contents(ours) === contents(theirs))
    compare("names", ({ files }) =>
      files
        .map(([name]) => name ?? "")
        .toSorted()
        .join(", "),
    );
  return found;
}
