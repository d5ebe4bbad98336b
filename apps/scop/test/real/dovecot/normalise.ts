import type { Completion } from "../../../crash/imap-client.ts";
import { printValue, readValues, type Value } from "./response-value.ts";

/**
 * What may differ between two servers that are both right, and is made the same before answers are compared:
 * - text for people; the order of responses, of flags and of items within a response;
 * - values that each server chooses: UIDVALIDITY, mod-sequences, identifiers, CAPABILITY, ID;
 * - whether one FETCH response tells all of a message or several do;
 * - letter case in BODYSTRUCTURE, where all words but file names have none; the zone of an INTERNALDATE;
 * - whether messages are removed from the first to the last or the other way;
 * - RECENT, which IMAP4rev2 no longer has;
 * - MAILBOXID, which Dovecot 2.3 does not know (RFC 8474), and HIGHESTMODSEQ at SELECT, which RFC 7162 3.1.2.1 asks for and Dovecot says only to
 *   those who used CONDSTORE before;
 * - the UID that we tell with every change of flags, as RFC 3501 7.4.2 allows;
 * - that the same server says why in a code where the other does not: `NO [CANNOT]`, `NO [NONEXISTENT]` are `NO`;
 * - attributes about children and marks where a client did not ask for them (RFC 5258 5), and attributes of LSUB, which are hints (RFC 3501 6.3.9).
 */
export function normalised(command: string, { text, untagged }: Completion): readonly string[] {
  const lines: string[] = [];
  const fetched = new Map<string, Map<string, string>>();
  const removed: number[] = [];
  let exists: string | undefined;
  for (const response of untagged) {
    const values = readValues(response.text.replace(/^\* /, ""), response.literals);
    const [first, second] = values.map(value => (typeof value === "string" ? value.toUpperCase() : ""));
    if (second === "FETCH") mergeFetch(fetched, first!, values[2], !command.startsWith("STORE"));
    else if (second === "EXISTS") exists = first;
    else if (second === "EXPUNGE") removed.push(originalOf(Number(first), removed));
    else if (second !== "RECENT" && first !== "CAPABILITY")
      lines.push(untaggedLine(command, first!, values, response.text));
  }
  for (const [message, items] of fetched) {
    const sorted = [...items].sort(([a], [b]) => (a < b ? -1 : 1));
    lines.push(`${message} FETCH ${sorted.map(([name, value]) => `${name} ${value}`).join(", ")}`);
  }
  if (exists !== undefined) lines.push(`${exists} EXISTS`);
  if (removed.length > 0) lines.push(`EXPUNGE of ${removed.sort((a, b) => a - b).join(",")}`);
  // What is left of a response whose only news was a code like that
  return [...lines.filter(line => line !== "OK").sort(), statusLine(text)];
}

/** The number that a message had before the others of the same command were removed. */
function originalOf(number: number, removed: readonly number[]): number {
  let original = number;
  for (const gone of [...removed].sort((a, b) => a - b)) if (gone <= original) original += 1;
  return original;
}

function mergeFetch(
  fetched: Map<string, Map<string, string>>,
  message: string,
  list: Value | undefined,
  tellsUid: boolean,
): void {
  const items = fetched.get(message) ?? new Map<string, string>();
  fetched.set(message, items);
  if (!Array.isArray(list)) throw new Error("FETCH has a list");
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = String(list[at]).toUpperCase();
    if (name !== "UID" || tellsUid) items.set(name, fetchValue(name, list[at + 1]!));
  }
}

const CHOSEN = "(its own)";

function fetchValue(name: string, value: Value): string {
  if (name === "FLAGS") return sortedFlags(value);
  if (name === "MODSEQ" || name === "EMAILID" || name === "THREADID" || name === "SAVEDATE") return CHOSEN;
  if (name === "INTERNALDATE") return new Date(String(value)).toISOString();
  if (name === "BODY" || name === "BODYSTRUCTURE") return printValue(value).toLowerCase();
  return printValue(value);
}

function sortedFlags(value: Value | undefined): string {
  const flags = Array.isArray(value) ? value.map(String) : [];
  return printValue(flags.filter(flag => flag !== "\\Recent").sort());
}

/** Attributes of LIST that nobody has to tell where they were not asked for. */
const UNASKED: ReadonlySet<string> = new Set(["\\HasChildren", "\\HasNoChildren", "\\Marked", "\\UnMarked"]);
const USES: ReadonlySet<string> = new Set(["\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"]);

/** The attributes of a name, without those that a client did not ask for. */
function attributes(command: string, value: Value | undefined): string {
  const flags = Array.isArray(value) ? value.map(String) : [];
  if (command.startsWith("LSUB")) return "()";
  const isExtended = /\bRETURN\b|^LIST \(|\("/.test(command);
  const kept = flags.filter(
    flag =>
      !(isExtended && UNASKED.has(flag) && !command.includes("CHILDREN")) &&
      !(isExtended && USES.has(flag) && !command.includes("SPECIAL-USE")) &&
      flag !== "\\Marked" &&
      flag !== "\\UnMarked",
  );
  return sortedFlags(kept);
}

function untaggedLine(command: string, kind: string, values: readonly Value[], text: string): string {
  switch (kind) {
    case "OK":
    case "NO":
    case "BAD":
    case "BYE":
      return statusLine(text.replace(/^\* /, ""));
    case "FLAGS":
      return `FLAGS ${sortedFlags(values[1])}`;
    case "SEARCH":
      return `SEARCH ${withoutModSeq(values.slice(1))
        .map(Number)
        .sort((a, b) => a - b)
        .join(" ")}`;
    case "LIST":
    case "LSUB":
      return `${kind} ${attributes(command, values[1])} ${values.slice(2).map(printValue).join(" ")}`;
    case "STATUS":
      return `STATUS ${printValue(values[1]!)} ${statusItems(values[2])}`;
    case "ESEARCH":
      return `ESEARCH ${esearchItems(values.slice(1))}`;
    case "ID":
      return "ID";
    default:
      return values.map(printValue).join(" ");
  }
}

function withoutModSeq(values: readonly Value[]): readonly Value[] {
  return values.filter(value => typeof value === "string");
}

function statusItems(value: Value | undefined): string {
  const list = Array.isArray(value) ? value.map(String) : [];
  const items: string[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at]!.toUpperCase();
    if (name === "RECENT") continue;
    const chosen = name === "UIDVALIDITY" || name === "HIGHESTMODSEQ" || name === "MAILBOXID";
    items.push(`${name} ${chosen ? CHOSEN : list[at + 1]}`);
  }
  return items.sort().join(", ");
}

function esearchItems(values: readonly Value[]): string {
  const words = values.flatMap(value => (Array.isArray(value) ? [] : [String(value)]));
  const items: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const name = words[at]!.toUpperCase();
    if (name === "UID") items.push(name);
    else {
      at += 1;
      items.push(`${name} ${name === "MODSEQ" ? CHOSEN : words[at]}`);
    }
  }
  return items.sort().join(", ");
}

/** `OK`, `NO` or `BAD`, and the code, without what is said for people. */
function statusLine(text: string): string {
  const [, condition = "", , code = ""] = /^(\w+)( \[([^\]]*)\])?/.exec(text) ?? [];
  const kind = condition.toUpperCase();
  const shown = codeOf(code);
  return shown === "" ? kind : `${kind} [${shown}]`;
}

function codeOf(code: string): string {
  const [name = "", ...rest] = code.split(" ");
  switch (name.toUpperCase()) {
    case "MAILBOXID":
    case "HIGHESTMODSEQ":
    case "CANNOT":
    case "HASCHILDREN":
    case "NONEXISTENT":
      return "";
    case "UIDVALIDITY":
      return `UIDVALIDITY ${CHOSEN}`;
    case "CAPABILITY":
      return name.toUpperCase();
    case "APPENDUID":
    case "COPYUID":
      return [name.toUpperCase(), CHOSEN, ...rest.slice(1)].join(" ");
    case "PERMANENTFLAGS":
      return `${name.toUpperCase()} ${sortedFlags(readValues(rest.join(" "), [])[0])}`;
    default:
      return [name.toUpperCase(), ...rest].join(" ");
  }
}
