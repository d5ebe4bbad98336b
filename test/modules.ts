import type { Scanned } from "./scan.ts";

/** What one file takes from another. */
export interface Import {
  readonly from: string;
  /** Names as they are called there; `*` for all of them. */
  readonly names: readonly string[];
  /** Whether only types are taken. */
  readonly typesOnly: boolean;
  /** Whether the names are exported on. */
  readonly exported: boolean;
}

const START = String.raw`(?:^|[;}\s])`;
const FROM = new RegExp(
  String.raw`${START}(import|export)\s+(type\s+)?(?:([\w$]+)(?:\s*,\s*)?)?(\*(?:\s+as\s+[\w$]+)?)?(?:\{([^}]*)\})?\s*from\s+"([^"]+)"`,
  "g",
);
const BARE = new RegExp(String.raw`${START}import\s+"([^"]+)"`, "g");
const CALLED = /\bimport\(\s*"([^"]+)"\s*,?\s*\)/g;
const DECLARED = new RegExp(
  String.raw`${START}export\s+(?:async\s+)?(?:abstract\s+)?(?:function\s*\*?|const|let|class|interface|type)\s+([\w$]+)`,
  "g",
);
const LISTED = new RegExp(String.raw`${START}export\s+(?:type\s+)?\{([^}]*)\}(?!\s*from)`, "g");

/** Every import and every `export from` of a file. */
export function importsOf(scanned: Scanned): readonly Import[] {
  const text = scanned.withStrings;
  const found: Import[] = [];
  for (const [, word, type, whole, star, braces, from] of text.matchAll(FROM)) {
    const listed = (braces ?? "").split(",").filter(name => name.trim() !== "");
    const typesOnly = type !== undefined || (!whole && !star && listed.every(name => /^\s*type\s/.test(name)));
    const names = [...listed.map(bareName), ...(star ? ["*"] : []), ...(whole ? ["default"] : [])];
    found.push({ from: from!, names, typesOnly, exported: word === "export" });
  }
  const others = [...text.matchAll(BARE), ...text.matchAll(CALLED)];
  for (const [, from] of others) found.push({ from: from!, names: ["*"], typesOnly: false, exported: false });
  return found;
}

/** The names that a file declares and exports itself. */
export function exportsOf(scanned: Scanned): readonly string[] {
  const declared = [...scanned.code.matchAll(DECLARED)].map(match => match[1]!);
  const listed = [...scanned.code.matchAll(LISTED)].flatMap(match => match[1]!.split(","));
  return [...declared, ...listed.filter(name => name.trim() !== "").map(bareName)];
}

/** `a` of `type a as b`. */
function bareName(item: string): string {
  return /^\s*(?:type\s+)?([\w$]+)/.exec(item)?.[1] ?? item.trim();
}
