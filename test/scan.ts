/** What each character of a source text belongs to. */
const Kind = { code: 0, comment: 1, text: 2, pattern: 3 } as const;

/** A source text three times, in all of them the same places and lines. */
export interface Scanned {
  readonly source: string;
  /** Comments and patterns blanked, strings kept. */
  readonly withStrings: string;
  /** Code alone: comments, strings and patterns blanked; what stands in `${}` of a template is code. */
  readonly code: string;
  /** Comments alone. */
  readonly comments: string;
}

/** Words after which a slash begins a pattern and not a division. */
const BEFORE_PATTERN = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "do",
  "else",
  "void",
  "delete",
  "await",
  "yield",
]);

/** Tells code from comments, strings, templates and patterns, well enough for checked TypeScript without JSX. */
export function scan(source: string): Scanned {
  const kinds = new Uint8Array(source.length);
  /** For each `${` that is open: how many braces are open within it. */
  const templates: number[] = [];
  let at = 0;
  const mark = (end: number, kind: number): void => {
    kinds.fill(kind, at, end);
    at = end;
  };
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    const one = source[at]!;
    if (two === "//") mark(endOr(source.indexOf("\n", at), source), Kind.comment);
    else if (two === "/*") mark(endOr(source.indexOf("*/", at + 2) + 2, source, 2), Kind.comment);
    else if (one === '"' || one === "'") mark(stringEnd(source, at), Kind.text);
    else if (one === "`") templates.push(...templateText(source, at, mark));
    else if (one === "}" && templates.at(-1) === 0) {
      templates.pop();
      templates.push(...templateText(source, at, mark));
    } else if (one === "/" && patternMayBegin(source, kinds, at)) mark(patternEnd(source, at), Kind.pattern);
    else {
      const open = templates.length - 1;
      if (one === "{" && open >= 0) templates[open]! += 1;
      if (one === "}" && open >= 0) templates[open]! -= 1;
      at += 1;
    }
  }
  return {
    source,
    withStrings: keep(source, kinds, [Kind.code, Kind.text]),
    code: keep(source, kinds, [Kind.code]),
    comments: keep(source, kinds, [Kind.comment]),
  };
}

function endOr(found: number, source: string, missing = 0): number {
  return found < missing ? source.length : found;
}

function stringEnd(source: string, from: number): number {
  let at = from + 1;
  while (at < source.length && source[at] !== source[from] && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, source.length);
}

/** Marks a piece of a template, from its backtick or brace to the next of either; one open substitution where it ends in `${`. */
function templateText(source: string, from: number, mark: (end: number, kind: number) => void): readonly number[] {
  let at = from + 1;
  while (at < source.length && source[at] !== "`" && !(source[at] === "$" && source[at + 1] === "{")) {
    at += source[at] === "\\" ? 2 : 1;
  }
  const substitution = source[at] === "$";
  mark(Math.min(at + (substitution ? 2 : 1), source.length), Kind.text);
  return substitution ? [0] : [];
}

function patternMayBegin(source: string, kinds: Uint8Array, slash: number): boolean {
  let before = slash - 1;
  while (before >= 0 && (kinds[before] === Kind.comment || /\s/.test(source[before]!))) before -= 1;
  if (before < 0) return true;
  if (kinds[before] !== Kind.code) return false;
  if (!/[\w$)\]}]/.test(source[before]!)) return true;
  const word = /[\w$]+$/.exec(source.slice(Math.max(0, before - 12), before + 1))?.[0];
  return word !== undefined && BEFORE_PATTERN.has(word);
}

function patternEnd(source: string, from: number): number {
  let at = from + 1;
  let inClass = false;
  while (at < source.length && source[at] !== "\n" && (inClass || source[at] !== "/")) {
    if (source[at] === "[") inClass = true;
    if (source[at] === "]") inClass = false;
    at += source[at] === "\\" ? 2 : 1;
  }
  at += 1;
  while (/[a-z]/.test(source[at] ?? "")) at += 1;
  return Math.min(at, source.length);
}

function keep(source: string, kinds: Uint8Array, kept: readonly number[]): string {
  const units: string[] = [];
  for (let at = 0; at < source.length; at += 1) {
    units.push(kept.includes(kinds[at]!) || source[at] === "\n" ? source[at]! : " ");
  }
  return units.join("");
}

/** The line of a place, from 1. */
export function lineOf(source: string, at: number): number {
  let line = 1;
  for (let found = source.indexOf("\n"); found >= 0 && found < at; found = source.indexOf("\n", found + 1)) line += 1;
  return line;
}
