import type { Command, FetchItem, MessageSet, SearchProgram, SearchStep, SearchTest, Section } from "@scop/imap";
import { base64Encode, latin1 } from "@scop/wire";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 86_400_000;
const ADDRESS_KEYS = ["BCC", "CC", "FROM", "SUBJECT", "TO"];

/** A set with its ranges as they were given. */
export function setText(set: MessageSet): string {
  if (set === "saved") return "$";
  const one = (value: number): string => (value === Number.POSITIVE_INFINITY ? "*" : String(value));
  return set.map(({ low, high }) => (low === high ? one(low) : `${one(low)}:${one(high)}`)).join(",");
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function list(words: readonly string[]): string {
  return `(${words.join(" ")})`;
}

function dateText(day: number): string {
  const date = new Date(day * DAY_MS);
  return `${date.getUTCDate()}-${MONTHS[date.getUTCMonth()]}-${String(date.getUTCFullYear()).padStart(4, "0")}`;
}

/** A section as FETCH names it. */
export function sectionText({ path, text, fields }: Section): string {
  const word = {
    all: "",
    header: "HEADER",
    "header-fields": `HEADER.FIELDS ${list(fields.map(quoted))}`,
    "header-fields-not": `HEADER.FIELDS.NOT ${list(fields.map(quoted))}`,
    text: "TEXT",
    mime: "MIME",
  }[text];
  return [...path, ...(word === "" ? [] : [word])].join(".");
}

function itemText(item: FetchItem): string {
  const partial = "partial" in item && item.partial ? `<${item.partial.start}.${item.partial.octets}>` : "";
  switch (item.item) {
    case "BODY[]":
      return `BODY${item.peek ? ".PEEK" : ""}[${sectionText(item.section)}]${partial}`;
    case "BINARY[]":
      return `BINARY${item.peek ? ".PEEK" : ""}[${item.path.join(".")}]${partial}`;
    case "BINARY.SIZE":
      return `BINARY.SIZE[${item.path.join(".")}]`;
    case "PREVIEW":
      return item.lazy === "yes" ? "PREVIEW (LAZY)" : "PREVIEW";
    default:
      return item.item;
  }
}

function flagText(flag: string, isSet: boolean): string {
  if (!flag.startsWith("\\")) return `${isSet ? "" : "UN"}KEYWORD ${flag}`;
  const name = flag.slice(1).toUpperCase();
  if (name === "RECENT") return isSet ? "RECENT" : "OLD";
  return isSet ? name : `UN${name}`;
}

function testText(test: SearchTest): string {
  switch (test.test) {
    case "all":
      return "ALL";
    case "flag":
      return flagText(test.flag, test.set);
    case "sequence":
      return setText(test.set);
    case "uid":
      return `UID ${setText(test.set)}`;
    case "younger":
    case "older":
      return `${test.test.toUpperCase()} ${test.seconds}`;
    case "modseq":
      return `MODSEQ ${test.modseq}`;
    case "email":
    case "thread":
      return test.test.toUpperCase();
    case "larger":
    case "smaller":
      return `${test.test.toUpperCase()} ${test.octets}`;
    case "header":
      return ADDRESS_KEYS.includes(test.field)
        ? `${test.field} ${quoted(test.text)}`
        : `HEADER ${quoted(test.field)} ${quoted(test.text)}`;
    case "body":
    case "text":
      return `${test.test.toUpperCase()} ${quoted(test.text)}`;
    default:
      return `${test.test.toUpperCase().replace("-", "")} ${dateText(test.day)}`;
  }
}

function stepText(step: SearchStep, stack: string[]): string {
  if ("test" in step) return testText(step);
  if (step.operator === "not") return `NOT ${stack.pop()}`;
  const operands = stack.splice(step.operator === "or" ? -2 : -step.count);
  return step.operator === "or" ? `OR ${operands.join(" ")}` : list(operands);
}

/** Keys before what they are about, as they were written; those of the whole search stand without parentheses. */
function programText(program: SearchProgram): string {
  const stack: string[] = [];
  for (const step of program) stack.push(stepText(step, stack));
  const [whole = ""] = stack;
  const last = program.at(-1)!;
  return "operator" in last && last.operator === "and" ? whole.slice(1, -1) : whole;
}

function returnsText(returns: readonly string[] | undefined): string {
  return returns === undefined ? "" : `RETURN ${list(returns)} `;
}

function listText(command: Extract<Command, { command: "LIST" }>): string {
  const { select, reference, patterns, returns, status } = command;
  const asked = [...returns, ...(status === undefined ? [] : [`STATUS ${list(status)}`])];
  const before = select.length === 0 ? "" : `${list(select)} `;
  const behind = asked.length === 0 ? "" : ` RETURN ${list(asked)}`;
  return `${before}${quoted(reference)} ${list(patterns.map(quoted))}${behind}`;
}

function selectText({ mailbox, parameters }: Extract<Command, { command: "SELECT" | "EXAMINE" }>): string {
  const { condstore, known } = parameters;
  const words = condstore === "asked" ? ["CONDSTORE"] : [];
  if (known !== undefined) {
    const uids = known.uids === undefined ? "" : ` ${setText(known.uids)}`;
    words.push(`QRESYNC (${known.uidValidity} ${known.modseq}${uids})`);
  }
  return `${quoted(mailbox)}${words.length === 0 ? "" : ` ${list(words)}`}`;
}

function fetchText({ set, items, changed }: Extract<Command, { command: "FETCH" }>): string {
  const vanished = changed?.vanished === "asked" ? " VANISHED" : "";
  const behind = changed === undefined ? "" : ` (CHANGEDSINCE ${changed.modseq}${vanished})`;
  return `${setText(set)} ${list(items.map(itemText))}${behind}`;
}

function storeText(command: Extract<Command, { command: "STORE" }>): string {
  const { set, mode, silent, flags, unchangedSince } = command;
  const before = unchangedSince === undefined ? "" : `(UNCHANGEDSINCE ${unchangedSince}) `;
  const sign = { add: "+", remove: "-", replace: "" }[mode];
  return `${setText(set)} ${before}${sign}FLAGS${silent ? ".SILENT" : ""} ${list(flags)}`;
}

function notifyText({ groups, status }: Extract<Command, { command: "NOTIFY" }>): string {
  if (groups.length === 0) return "NONE";
  const texts = groups.map(({ filter, events, items }) => {
    const names = "names" in filter ? ` ${list(filter.names.map(quoted))}` : "";
    const words = [...events].map(event =>
      event === "MessageNew" && items.length > 0 ? `${event} ${list(items.map(itemText))}` : event,
    );
    return `(${filter.of}${names} ${words.length === 0 ? "NONE" : list(words)})`;
  });
  return `SET ${status === "asked" ? "STATUS " : ""}${texts.join(" ")}`;
}

/** What stands behind the name of a command. */
function argumentsText(command: Command): string {
  switch (command.command) {
    case "AUTHENTICATE": {
      const { mechanism, initial } = command;
      return initial === undefined ? mechanism : `${mechanism} ${base64Encode(initial) || "="}`;
    }
    case "LOGIN":
      return `${quoted(latin1(command.user))} ${quoted(latin1(command.password.reveal()))}`;
    case "ENABLE":
      return command.capabilities.join(" ");
    case "SELECT":
    case "EXAMINE":
      return selectText(command);
    case "CREATE":
      return `${quoted(command.mailbox)}${command.uses.length === 0 ? "" : ` (USE ${list(command.uses)})`}`;
    case "RENAME":
      return `${quoted(command.from)} ${quoted(command.to)}`;
    case "LIST":
      return listText(command);
    case "LSUB":
      return `${quoted(command.reference)} ${quoted(command.pattern)}`;
    case "STATUS":
      return `${quoted(command.mailbox)} ${list(command.items)}`;
    case "NOTIFY":
      return notifyText(command);
    case "FETCH":
      return fetchText(command);
    case "STORE":
      return storeText(command);
    case "COPY":
    case "MOVE":
      return `${setText(command.set)} ${quoted(command.mailbox)}`;
    case "SEARCH":
      return `${returnsText(command.returns)}${programText(command.program)}`;
    case "SORT": {
      const keys = command.keys.map(({ by, order }) => (order === "falling" ? `REVERSE ${by}` : by));
      return `${returnsText(command.returns)}${list(keys)} ${programText(command.program)}`;
    }
    case "THREAD":
      return `${command.algorithm} ${programText(command.program)}`;
    case "EXPUNGE":
      return command.set === undefined ? "" : setText(command.set);
    default:
      return "mailbox" in command ? quoted(command.mailbox) : "";
  }
}

/**
 * A command in its one spelling: words of the grammar in capitals, names and texts in quotes and decoded, lists in parentheses, dates without
 * leading zeros. What says nothing is left out.
 */
export function normalText(command: Command): string {
  const isByUid = ("byUid" in command && command.byUid) || (command.command === "EXPUNGE" && command.set !== undefined);
  return `${isByUid ? "UID " : ""}${command.command} ${argumentsText(command)}`.trimEnd();
}
