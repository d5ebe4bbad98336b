import { lineOf, type Scanned } from "./scan.ts";

/** A function of a source text. */
interface FoundFunction {
  readonly name: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly lines: number;
}

/** Words that stand before parentheses and a block without being the name of a method. */
const NOT_METHODS = new Set(["if", "for", "while", "switch", "catch", "with", "return", "function", "await", "super"]);

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Every function that has a body: declared, method, accessor, arrow. Those within another count for both. */
export function functionsOf(scanned: Scanned): readonly FoundFunction[] {
  const { code } = scanned;
  const found: FoundFunction[] = [];
  const add = (name: string, from: number, end: number): void => {
    const line = lineOf(code, from);
    found.push({ name, line, lines: lineOf(code, end) - line + 1 });
  };
  for (const match of code.matchAll(/([\w$#]+)\s*(?=[(<])/g)) {
    const name = match[1]!;
    if (NOT_METHODS.has(name)) continue;
    const end = declaredEnd(code, match.index + match[0].length);
    if (end >= 0) add(name, match.index, end);
  }
  for (const match of code.matchAll(/\bfunction\s*\*?\s*(?=[(<])/g)) {
    const end = declaredEnd(code, match.index + match[0].length);
    if (end >= 0) add("function", match.index, end);
  }
  for (const match of code.matchAll(/=>\s*/g)) {
    const name = /(?:const|readonly)?\s*([\w$#]+)(?::[^=]*)?\s*[=:]\s*(?:async\s*)?\(?[^=;]*$/.exec(
      code.slice(Math.max(0, match.index - 200), match.index),
    )?.[1];
    add(name ?? "=>", match.index, arrowEnd(code, match.index + match[0].length));
  }
  return found;
}

/** The place of the brace that ends the body after `<T>(parameters): Type`, or -1 if no body follows. */
function declaredEnd(code: string, from: number): number {
  let at = from;
  if (code[at] === "<") at = skipSpace(code, genericEnd(code, at));
  if (code[at] !== "(") return -1;
  at = skipSpace(code, matching(code, at) + 1);
  if (code[at] === ":") at = typeEnd(code, at + 1);
  return code[at] === "{" ? matching(code, at) : -1;
}

/** Where a type that begins at `from` ends: at the brace of a body, or at what cannot belong to it. */
function typeEnd(code: string, from: number): number {
  let at = skipSpace(code, from);
  let operand = true;
  while (at < code.length) {
    const here = code[at]!;
    if (here === "{" && !operand) return at;
    if (here === "<") at = genericEnd(code, at);
    else if (CLOSING[here]) at = matching(code, at) + 1;
    else if (/[;,)\]}=]/.test(here) && !code.startsWith("=>", at)) return at;
    else if (/[\w$]/.test(here)) {
      const word = /^[\w$]+/.exec(code.slice(at, at + 80))![0];
      at += word.length;
      operand = ["is", "asserts", "readonly", "keyof", "typeof", "infer", "extends", "unique"].includes(word);
      at = skipSpace(code, at);
      continue;
    } else {
      operand = /[|&?:>.]/.test(here);
      at = skipSpace(code, at + 1);
      continue;
    }
    operand = false;
    at = skipSpace(code, at);
  }
  return at;
}

/** Where the arguments of a generic end, just after its `>`. */
function genericEnd(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    const here = code[at]!;
    if (here === "<") depth += 1;
    else if (here === ">" && code[at - 1] !== "=") depth -= 1;
    else if (CLOSING[here]) at = matching(code, at);
    else if (here === ";" || here === ")" || here === "}") return at;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

/**
 * Where the body of an arrow function ends: its brace, or the last place of its expression. After `=>` in a type, a brace that
 * follows a word begins the body of whoever has that type.
 */
function arrowEnd(code: string, from: number): number {
  if (code[from] === "{") return matching(code, from);
  let last = from;
  for (let at = from; at < code.length && !/[;,)\]}]/.test(code[at]!); at += 1) {
    if (code[at] === "{" && /[\w$>\])]/.test(code[last]!)) return last;
    if (CLOSING[code[at]!]) at = matching(code, at);
    if (!/\s/.test(code[at] ?? "")) last = at;
  }
  return last;
}

/** The place of the bracket that closes the one at `from`; the end where there is none. */
function matching(code: string, from: number): number {
  const open = code[from]!;
  const close = CLOSING[open]!;
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    if (code[at] === open) depth += 1;
    else if (code[at] === close) depth -= 1;
    if (depth === 0) return at;
  }
  return code.length - 1;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? "")) at += 1;
  return at;
}
