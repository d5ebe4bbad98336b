import type { Node } from "acorn";

/**
 * Classes of changes that are not counted, since no case can tell them: each with its reason. A class is decided by where a change stands, never by whether it was
 * found.
 */
export const CLASSES = {
  diagnostic:
    "words, rule and place of a diagnostic: a verdict asks whether a fault is reported, and each implementation has its own words for it",
  reply:
    "words and enhanced status code of a reply of SMTP: a verdict asks for its class, as the words are each server's own",
  past: "one step more of a loop over octets or characters: behind the end nothing stands, which equals nothing that is looked for",
  shortcut: "a shorter way to an answer for plain input: where it is not taken, the longer way comes to the same",
  limit: "a bound of ours on work or memory that no RFC sets, so that no verdict can ask for it",
  advice: "what programs have read in several ways and no rule forbids: it is reported, and no verdict can ask for it",
  assertion: "the text of an error of the programmer, which no input can cause",
} as const;

/** Functions that make a diagnostic or a failure of what they are given. */
const TELLING = new Set([
  "failed",
  "note",
  "#note",
  "fail",
  "fails",
  "refuse",
  "refused",
  "diagnosticAt",
  "diagnostic",
  "arcFailure",
  "failure",
]);
const WORDS = new Set(["code", "rule", "reason", "expected"]);

interface Named extends Node {
  readonly name?: string;
}

interface Shape extends Node {
  readonly value?: unknown;
  readonly callee?: Named & { readonly property?: Named };
  readonly arguments?: readonly Node[];
  readonly properties?: readonly { readonly key?: Named; readonly value?: Node }[];
}

/** Bounds of ours, as their comments say. */
const OWN_LIMITS =
  /^(?:DIAGNOSTICS|NOTES|ITEMS|FLAGS|FIELDS|SECTION_DEPTH|SET_RANGES|KEYWORD_OCTETS|MAILBOX_OCTETS|TAGS|SORT_KEYS|SEARCH_KEYS|APPEND_MESSAGES|ID_PAIRS|PARAMETERS|REPORT_URIS|COMMENT_DEPTH|AUTHOR_DOMAINS|DATA_PROGRESS_OCTETS)(?:_MAX)?$/;
/** A file that tells what no rule forbids. */
const ADVICE = "packages/address/src/warnings.ts";
const SHORT_WAY = /^(?:is)?[pP]lain|Plain/;

interface Compared extends Node {
  readonly left?: Named;
  readonly right?: Named;
  readonly operator?: string;
}

/** Whether the condition compares with a bound of ours. */
function isOwnLimit({ left, right }: Compared): boolean {
  return [left, right].some(each => OWN_LIMITS.test(each?.name ?? ""));
}

/** Whether the change makes a loop go one step further. */
function isStepPast(node: Compared, ancestors: readonly Node[], to: string): boolean {
  if (node.operator !== "<" || to !== "<=") return false;
  let at = ancestors.length - 2;
  while (ancestors[at]?.type === "LogicalExpression") at -= 1;
  return /^(?:For|While)Statement$/.test(ancestors[at]?.type ?? "");
}

function isShortWay(node: Shape): boolean {
  if (node.type === "CallExpression") return SHORT_WAY.test(nameOf(node));
  return SHORT_WAY.test((node as { readonly id?: Named }).id?.name ?? "");
}

function nameOf({ callee }: Shape): string {
  const found = callee?.property ?? callee;
  return found === undefined ? "" : `${found.type === "PrivateIdentifier" ? "#" : ""}${found.name ?? ""}`;
}

/** The object of a diagnostic: it has a code and a rule, or a reason. */
function isDiagnostic({ properties }: Shape): boolean {
  const keys = new Set(properties?.map(({ key }) => key?.name ?? ""));
  return keys.has("code") && keys.has("rule");
}

function isWord(node: Node, within: Shape): boolean {
  return within.properties?.some(({ key, value }) => value === node && WORDS.has(key?.name ?? "")) ?? false;
}

/** A file that is all names of faults, with what is said of each. */
const TABLE_OF_FAULTS = "packages/mime/src/rules.ts";

/** Whether a text is a sentence for people, or names an RFC. */
function isSentence({ value }: Shape): boolean {
  return typeof value === "string" && /^RFC \d|\w \w+ \w/.test(value);
}

/** The class of a change of a file, or nothing where it counts. `ancestors` end with the node itself. */
export function classOf(path: string, node: Node, ancestors: readonly Node[], to: string): keyof typeof CLASSES | "" {
  const isText = to === '""' || to === '"?"';
  if (path === ADVICE) return "advice";
  if (isOwnLimit(node)) return "limit";
  if (isStepPast(node, ancestors, to)) return "past";
  if (ancestors.some(each => isShortWay(each as Shape))) return "shortcut";
  if (path === TABLE_OF_FAULTS || (isText && isSentence(node))) return "diagnostic";
  for (let at = ancestors.length - 2; at >= 0; at -= 1) {
    const here = ancestors[at] as Shape;
    const child = ancestors[at + 1]!;
    if (here.type === "NewExpression" && /Error$/.test(nameOf(here))) return "assertion";
    if (/Function|Statement/.test(here.type) && here.type !== "ExpressionStatement") break;
    if (here.type === "ObjectExpression" && (isDiagnostic(here) || (isText && isWord(node, here)))) return "diagnostic";
    if (here.type !== "CallExpression" || !here.arguments?.includes(child)) continue;
    if (isText && nameOf(here) === "reply") return "reply";
    if (nameOf(here) === "unreachable") return "assertion";
    if (TELLING.has(nameOf(here))) return "diagnostic";
  }
  return "";
}
