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
  place: "where in the octets of a field an address stands: a verdict asks what it says",
  kept: "what is kept ready, such as memory or words that are met all the time: without it the answer is the same, and costs more",
  told: "the way out of a reader of commands whose fault was noted on the way: the first one is kept, and what is read behind it does not count",
  limit: "a bound of ours on work or memory that no RFC sets, so that no verdict can ask for it",
  advice: "what programs have read in several ways and no rule forbids: it is reported, and no verdict can ask for it",
  assertion: "an error of the programmer, which no input can cause: its text, and what it is asked by",
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
  // Readers of IMAP, which are given the name of the fault of what is not there.
  "fails",
  "astring",
  "stringOr",
  "positive",
]);
/** Functions that make a sentence for people of what happened. */
const SENTENCES = new Set(["sentenceOf", "inRecordOf"]);
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
/** Bounds on what a host gives for a message as a whole (`MimeLimits`), and what is left of them. */
const GIVEN_LIMITS = /^limits$/;
const LEFT = /Left$/;
/** Sizes from which on the same answer is come to in another way, and how much memory is kept for the next. */
const KEPT =
  /^(?:FEW|LONG_OCTETS|COPIED_MAX|WORDS_MIN|KEPT_OCTETS|ROOM_OCTETS_MIN|FREE_ROOMS_MAX|HELD_BODY_OCTETS_MAX|PIECEWISE_OCTETS_MIN|SCRATCH_OCTETS)$/;
/** Files that are tables of words that are met all the time. Other words are made of their octets. */
const TABLES_OF_WORDS = new Set(["packages/mime/src/field-names.ts", "packages/mime/src/known-words.ts"]);
/** A file in whose lists such words are. */
const LISTS_OF_WORDS = "packages/mime/src/plain-word.ts";
/** The readers of commands of IMAP: see `Reader.fail`. */
const COMMAND_READERS =
  /^packages\/imap\/src\/(?:parse-\w+|arguments|date-time|extensions\/(?:append-messages|binary|condstore-parameters|create-special-use|list-extended|notify-groups|parse-sort|search-return|status-items))\.ts$/;
/** A file that tells what no rule forbids. */
const ADVICE = "packages/address/src/warnings.ts";
const SHORT_WAY = /^(?:is)?[pP]lain|Plain/;

interface Compared extends Node {
  readonly left?: Named;
  readonly right?: Named;
  readonly argument?: Named;
  readonly operator?: string;
}

/** An `if` with one statement behind it. */
interface Statement extends Node {
  readonly consequent: { readonly expression?: Shape & { readonly left?: Named } };
}

interface Member {
  readonly object?: Named & { readonly property?: Named };
  readonly property?: Named;
}

/** Whether the condition compares with a bound of ours, or a change is one of what is left of it. */
function isOwnLimit(path: string, node: Compared): boolean {
  const sides = [node.left, node.right, node.argument];
  if (sides.some(each => OWN_LIMITS.test(each?.name ?? ""))) return true;
  if (!path.startsWith("packages/mime/")) return false;
  return sides.some(each => {
    const { object, property } = (each ?? {}) as Member;
    // RFC 5322 2.1.1 sets that one.
    if (property?.name === "lineOctets") return false;
    return (
      GIVEN_LIMITS.test(object?.name ?? object?.property?.name ?? "") || LEFT.test(property?.name ?? each?.name ?? "")
    );
  });
}

/** Whether a condition is about what is kept ready. */
function isKept(path: string, node: Node, ancestors: readonly Node[]): boolean {
  if (TABLES_OF_WORDS.has(path)) return true;
  if (path === LISTS_OF_WORDS && ancestors.some(({ type }) => type === "ArrayExpression")) return true;
  const at = ancestors.findLastIndex(({ type }) => /Statement|Declaration/.test(type));
  return [node, ...ancestors.slice(Math.max(at, 0))].some(each => {
    const { left, right } = each as Compared;
    return [left, right].some(side => KEPT.test(side?.name ?? ""));
  });
}

/** Operands of a chain of `||` and `&&`. */
function operands(node: Shape): readonly Shape[] {
  if (node.type !== "LogicalExpression") return [node];
  const { left, right } = node as unknown as Record<"left" | "right", Shape>;
  return [...operands(left), ...operands(right)];
}

/** Whether a test asks for nothing but whether something is missing: what is was noted by who looked for it. */
function isAskedForNothing(node: Shape): boolean {
  const { operator, right } = node as Compared;
  const value = (right as unknown as Shape | undefined)?.value;
  if (node.type === "BinaryExpression") return operator === "===" && (right?.name === "undefined" || value === false);
  if (node.type !== "UnaryExpression" || operator !== "!") return false;
  return nameOf((node as unknown as { readonly argument: Shape }).argument) === "space";
}

/** Whether a test asks for nothing but whether something is there. */
function isAskedForSome(node: Shape): boolean {
  const { operator, right } = node as Compared;
  if (node.type === "BinaryExpression") return operator === "!==" && right?.name === "undefined";
  return node.type === "CallExpression" && nameOf(node) === "space";
}

function isNothing(node: Shape | null | undefined): boolean {
  return node === null || (node as Named | undefined)?.name === "undefined" || node?.value === false;
}

/** Whether a reader of commands goes on once something was not there, in place of leaving. RFC 9051 */
function isTold(path: string, node: Shape, ancestors: readonly Node[], to: string): boolean {
  if (!COMMAND_READERS.test(path)) return false;
  const parent = ancestors.findLast(each => each !== node) as Shape & Readonly<Record<"test" | "consequent", Shape>>;
  if (!/^(?:If|Return)Statement$|^ConditionalExpression$/.test(parent?.type ?? "") || parent.test !== node)
    return false;
  const { alternate } = parent as unknown as { readonly alternate: Shape | null };
  const isConditional = parent.type === "ConditionalExpression";
  if (to === "true") return isConditional && isNothing(alternate) && operands(node).every(isAskedForSome);
  if (to !== "false" && to !== "&&") return false;
  const left = isConditional
    ? parent.consequent
    : (parent.consequent as unknown as { readonly argument: Shape }).argument;
  const leaves = isConditional || parent.consequent.type === "ReturnStatement";
  return leaves && isNothing(left) && operands(node).every(isAskedForNothing);
}

/** Whether the change makes a loop go one step further. */
function isStepPast(node: Compared, ancestors: readonly Node[], to: string): boolean {
  if (node.operator !== "<" || to !== "<=") return false;
  let at = ancestors.length - 2;
  while (ancestors[at]?.type === "LogicalExpression") at -= 1;
  return /^(?:For|While)Statement$/.test(ancestors[at]?.type ?? "");
}

/** Whether the change is of which place of a fault is the first, which alone is noted: `if (place < 0) place = at`. */
function isFirst(path: string, node: Compared, ancestors: readonly Node[], to: string): boolean {
  if (!path.startsWith("packages/mime/") || node.operator !== "<" || to !== "<=") return false;
  const here = ancestors.findLast(({ type }) => type === "IfStatement") as Statement | undefined;
  const { expression } = here?.consequent ?? {};
  return expression?.type === "AssignmentExpression" && isSame(node.left, expression.left);
}

/** Whether both are the same name, or the same member. */
function isSame(one: Named | undefined, other: Named | undefined): boolean {
  const name = (each: Named | undefined): string => (each as Member | undefined)?.property?.name ?? each?.name ?? "";
  return name(one) !== "" && name(one) === name(other);
}

function isSentenceMaker(node: Node): boolean {
  return SENTENCES.has((node as { readonly id?: Named }).id?.name ?? "");
}

/** Whether it asks if a text has an encoded-word, or a line break, at all: where none is, reading on comes to the same text. */
function isSearch(node: Shape): boolean {
  if (node.type !== "CallExpression") return false;
  const { object } = (node.callee ?? {}) as Member;
  return object?.name === "BREAK" || (node.arguments ?? []).some(each => (each as Shape).value === "=?");
}

function isShortWay(node: Shape): boolean {
  if (isSearch(node)) return true;
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

const PLACES = new Set(["offset", "length", "nameOffset", "nameLength"]);

/** Whether the change is of a place of an address. */
function isPlace(path: string, ancestors: readonly Node[]): boolean {
  if (path !== "packages/address/src/address-list.ts") return false;
  return ancestors.some(each => {
    const { type, key, id } = each as Shape & { readonly key?: Named; readonly id?: Named };
    return (type === "Property" || type === "VariableDeclarator") && PLACES.has((key ?? id)?.name ?? "");
  });
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
  if (isOwnLimit(path, node)) return "limit";
  if (isKept(path, node, ancestors)) return "kept";
  if (isTold(path, node as Shape, ancestors, to)) return "told";
  if (isStepPast(node, ancestors, to)) return "past";
  if (ancestors.some(each => isShortWay(each as Shape))) return "shortcut";
  const negated = (node as Shape & { readonly argument?: Shape }).argument;
  if (to === "false" && node.type === "UnaryExpression" && isSearch(negated ?? (node as Shape))) return "shortcut";
  if (isPlace(path, ancestors)) return "place";
  if (isFirst(path, node, ancestors, to)) return "diagnostic";
  if (ancestors.some(isSentenceMaker)) return "diagnostic";
  if (path === TABLE_OF_FAULTS || (isText && isSentence(node))) return "diagnostic";
  for (let at = ancestors.length - 2; at >= 0; at -= 1) {
    const here = ancestors[at] as Shape;
    const child = ancestors[at + 1]!;
    if (here.type === "NewExpression" && /Error$/.test(nameOf(here))) return "assertion";
    if (/Function|Statement/.test(here.type) && here.type !== "ExpressionStatement") break;
    if (here.type === "ObjectExpression" && (isDiagnostic(here) || (isText && isWord(node, here)))) return "diagnostic";
    if (here.type !== "CallExpression" || !here.arguments?.includes(child)) continue;
    if (isText && nameOf(here) === "reply") return "reply";
    if (nameOf(here) === "unreachable" || nameOf(here) === "assert") return "assertion";
    if (TELLING.has(nameOf(here))) return "diagnostic";
  }
  return "";
}
