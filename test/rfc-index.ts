import type { SourceFile } from "./house.ts";

/** One row of `rfc/index.tsv`. */
interface RfcRow {
  readonly rfc: number;
  readonly title: string;
  /** Sections that our sources refer to. */
  readonly sections: number;
  readonly status: "Yes" | "Partial" | "No";
  /** Workspaces whose sources refer to it, as in `mime, smtp`. */
  readonly packages: string;
  /** What is missing, or what it is used for. */
  readonly note: string;
}

/** Where our sources and READMEs refer to one RFC. */
interface RfcUse {
  readonly sections: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

export const COLUMNS = ["RFC", "title", "sections", "status", "packages", "note"] as const;

/** The greppable form: the number, a space, then the section if there is one: `RFC 5321 4.5.3.1`, `RFC 5234 B.1`, `RFC 5321 C`. */
const REFERENCE = /\bRFC (\d{3,5})(?: (\d+(?:\.\d+)*\b|[A-Z](?:\.\d+)+\b|[A-Z](?=[:;,.)]|\s*$)))?/gm;

/** Ways to refer that a search for the greppable form would miss. `RFC822` is a word of IMAP and MIME. */
const OTHER_FORMS =
  /\bRFC[-_]?(?!822\b)\d{3,5}\b|\bRFC \d{3,5},? ?(?:[Ss]ections? \d|§|[Aa]ppendix [A-Z]|[Cc]hapter \d)/g;

/** Every reference of the files, by RFC. */
export function referencesIn(files: readonly Pick<SourceFile, "path" | "scanned">[]): ReadonlyMap<number, RfcUse> {
  const found = new Map<number, { sections: Set<string>; packages: Set<string> }>();
  for (const { path, scanned } of files) {
    for (const [, number, section] of scanned.source.matchAll(REFERENCE)) {
      const rfc = Number(number);
      const use = found.get(rfc) ?? { sections: new Set(), packages: new Set() };
      if (section !== undefined) use.sections.add(section);
      use.packages.add(/^(?:packages|apps)\/([^/]+)/.exec(path)?.[1] ?? path.split("/")[0]!);
      found.set(rfc, use);
    }
  }
  return found;
}

/** References in another than the greppable form. */
export function malformedReferences(files: readonly Pick<SourceFile, "path" | "scanned">[]): readonly string[] {
  return files.flatMap(({ path, scanned }) =>
    [...scanned.source.matchAll(OTHER_FORMS)].map(match => `${path}: ${match[0]}`),
  );
}

/** The rows of the table, and what is wrong with its lines. */
export function readIndex(text: string): { readonly rows: readonly RfcRow[]; readonly faults: readonly string[] } {
  const [head, ...lines] = text.trimEnd().split("\n");
  const faults = head === COLUMNS.join("\t") ? [] : [`the first line is not ${COLUMNS.join(", ")}`];
  const rows: RfcRow[] = [];
  for (const line of lines) {
    const [rfc, title, sections, status, packages, note, ...more] = line.split("\t");
    if (note === undefined || more.length > 0 || !title) faults.push(`not six columns: ${line}`);
    else if (status !== "Yes" && status !== "Partial" && status !== "No") faults.push(`no status: ${line}`);
    else if (status !== "Yes" && note === "") faults.push(`${status} without a note: ${line}`);
    else rows.push({ rfc: Number(rfc), title, sections: Number(sections), status, packages: packages!, note });
  }
  for (const [index, row] of rows.entries()) {
    if (index > 0 && rows[index - 1]!.rfc >= row.rfc) faults.push(`RFC ${row.rfc} is not in order`);
  }
  return { rows, faults };
}

/** Where the table and the references differ. */
export function differences(rows: readonly RfcRow[], uses: ReadonlyMap<number, RfcUse>): readonly string[] {
  const found: string[] = [];
  const listed = new Set(rows.map(row => row.rfc));
  for (const rfc of uses.keys()) if (!listed.has(rfc)) found.push(`RFC ${rfc} is not listed`);
  for (const row of rows) {
    const use = uses.get(row.rfc);
    if (!use) found.push(`RFC ${row.rfc} is listed, but nothing refers to it`);
    else if (use.sections.size !== row.sections) found.push(`RFC ${row.rfc}: ${use.sections.size} sections are used`);
    else if (packagesText(use) !== row.packages) found.push(`RFC ${row.rfc}: it is used in ${packagesText(use)}`);
  }
  return found;
}

/** The packages of a use, as they stand in the table. */
export function packagesText(use: RfcUse): string {
  return [...use.packages].sort().join(", ");
}

const RANK = { No: 0, Partial: 1, Yes: 2 } as const;

/**
 * Where the index says more than every README, or `No` to what one of them covers. Their rows begin `| RFC 5321 | Partial |`; a row
 * that names a section speaks of that section alone and does not count.
 */
export function disagreements(
  rows: readonly RfcRow[],
  readmes: readonly Pick<SourceFile, "path" | "scanned">[],
): readonly string[] {
  const said = new Map<number, Map<string, keyof typeof RANK>>();
  for (const { path, scanned } of readmes) {
    for (const [, cell, status] of scanned.source.matchAll(
      /^\|([^|\n]*\bRFC \d[^|\n]*)\|(?:[^|\n]*\|)*? *\**(Yes|Partial|No)\b/gm,
    )) {
      for (const [, number, section] of cell!.matchAll(REFERENCE)) {
        if (section !== undefined) continue;
        const statuses = said.get(Number(number)) ?? new Map<string, keyof typeof RANK>();
        said.set(Number(number), statuses.set(path, status as keyof typeof RANK));
      }
    }
  }
  return rows.flatMap(row => {
    const statuses = said.get(row.rfc);
    if (!statuses) return [];
    const most = Math.max(...[...statuses.values()].map(status => RANK[status]));
    if (RANK[row.status] <= most && (row.status !== "No" || most === RANK.No)) return [];
    return [`RFC ${row.rfc} is ${row.status}, but ${[...statuses].map(([path, s]) => `${s} in ${path}`).join(", ")}`];
  });
}
