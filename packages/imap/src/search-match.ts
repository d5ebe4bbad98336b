import { fields, fieldText, fieldValue, firstField, type HeaderView, parseDate, partsOf, partText } from "@scop/mime";
import type { Instant } from "@scop/platform";
import { assert, unreachable } from "@scop/wire";
import type { Entry } from "./backend.ts";
import { dayOf } from "./date-time.ts";
import { casemap } from "./extensions/casemap.ts";
import { headerLines, isExcluded, type SearchIndex } from "./search-index.ts";
import type { SearchProgram, SearchTest } from "./search-key.ts";
import type { SearchSource } from "./search-source.ts";
import { resolvedHas, type SequenceSet } from "./sequence-set.ts";

/** Whether a message fits, or `unknown` where more of it has to be read. */
type SearchVerdict = "yes" | "no" | "unknown";

/** A message and its number. */
interface SearchSubject {
  readonly sequence: number;
  readonly entry: Entry;
  readonly source: SearchSource;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** A program and what its tests need besides a message. */
interface Search {
  readonly command: { readonly program: SearchProgram };
  /** The sets of its steps, resolved. */
  readonly sets: readonly (SequenceSet | undefined)[];
  readonly texts: readonly (string | undefined)[];
  readonly index: SearchIndex | undefined;
  readonly now: Instant;
  /** Threads by `Entry.message`, where they were asked for. */
  readonly threads: ReadonlyMap<number, number>;
}

/** Runs a program over one message. RFC 3501 6.4.4 */
export function matchMessage(search: Search, subject: SearchSubject): SearchVerdict {
  const stack: SearchVerdict[] = [];
  for (const [at, step] of search.command.program.entries()) {
    if ("test" in step) stack.push(runTest(step, againstOf(search, at), subject));
    else if (step.operator === "and") stack.push(allOf(stack.splice(stack.length - step.count)));
    else if (step.operator === "not") stack.push(opposite(stack.pop()!));
    else stack.push(opposite(allOf([opposite(stack.pop()!), opposite(stack.pop()!)])));
  }
  assert(stack.length === 1, "a program leaves one result");
  return stack[0]!;
}

function againstOf({ sets, texts, index, now, threads }: Search, at: number): Against {
  return { set: sets[at] ?? [], text: texts[at] ?? "", index, now, threads };
}

function opposite(verdict: SearchVerdict): SearchVerdict {
  return verdict === "yes" ? "no" : verdict === "no" ? "yes" : "unknown";
}

function allOf(verdicts: readonly SearchVerdict[]): SearchVerdict {
  if (verdicts.includes("no")) return "no";
  return verdicts.includes("unknown") ? "unknown" : "yes";
}

function verdict(holds: boolean): SearchVerdict {
  return holds ? "yes" : "no";
}

/** What tests are run against. */
interface Against {
  readonly set: SequenceSet;
  /** The text of the test, as it is compared. */
  readonly text: string;
  readonly index: SearchIndex | undefined;
  readonly now: Instant;
  readonly threads: ReadonlyMap<number, number>;
}

function runTest(test: SearchTest, against: Against, subject: SearchSubject): SearchVerdict {
  const { set, text, now, threads } = against;
  const { entry, source } = subject;
  if ("text" in test && isExcluded(against.index, text, subject.sequence - 1)) return "no";
  switch (test.test) {
    case "all":
      return "yes";
    case "flag": {
      const wanted = test.flag.toLowerCase();
      return verdict(entry.flags.some(flag => flag.toLowerCase() === wanted) === test.set);
    }
    case "sequence":
      return verdict(resolvedHas(set, subject.sequence));
    case "uid":
      return verdict(resolvedHas(set, entry.uid));
    // RFC 5032 3: both have the second itself.
    case "younger":
      return verdict(entry.internalDate >= now - test.seconds * SECOND_MS);
    case "older":
      return verdict(entry.internalDate <= now - test.seconds * SECOND_MS);
    case "email":
      return verdict(entry.message === test.message);
    case "thread":
      return verdict(threads.get(entry.message) === test.thread);
    case "saved-before":
      return verdict(dayOf(entry.saveDate) < test.day);
    case "saved-on":
      return verdict(dayOf(entry.saveDate) === test.day);
    case "saved-since":
      return verdict(dayOf(entry.saveDate) >= test.day);
    case "modseq":
      return verdict(entry.modseq >= test.modseq);
    case "larger":
      return verdict(entry.size > test.octets);
    case "smaller":
      return verdict(entry.size < test.octets);
    case "before":
      return verdict(dayOf(entry.internalDate) < test.day);
    case "on":
      return verdict(dayOf(entry.internalDate) === test.day);
    case "since":
      return verdict(dayOf(entry.internalDate) >= test.day);
    case "sent-before":
    case "sent-on":
    case "sent-since":
      return sentOn(test.test, test.day, source);
    case "header":
      return inHeader(test.field, text, source);
    case "body":
    case "text":
      return inText(test.test, text, source);
    default:
      return unreachable(test);
  }
}

function viewOf(source: SearchSource): HeaderView | undefined {
  return source.read === "nothing" ? undefined : source.read === "header" ? source.header : source.message;
}

/** RFC 3501 6.4.4: the date as it is written, whatever its zone. */
function sentOn(test: "sent-before" | "sent-on" | "sent-since", day: number, source: SearchSource): SearchVerdict {
  const view = viewOf(source);
  if (view === undefined) return "unknown";
  const field = firstField(view.header, "date");
  const date = field === undefined ? undefined : parseDate(fieldValue(view.bytes, field));
  if (!date?.ok) return "no";
  const sent = dayOf(date.value.instant + date.value.offsetMinutes * MINUTE_MS);
  if (test === "sent-on") return verdict(sent === day);
  return verdict(test === "sent-before" ? sent < day : sent >= day);
}

/** Text without regard to case and composition; `wanted` is in that form. RFC 5255 4.3 */
function has(text: string, wanted: string): boolean {
  return casemap(text).includes(wanted);
}

function inHeader(name: string, text: string, source: SearchSource): SearchVerdict {
  const view = viewOf(source);
  if (view === undefined) return "unknown";
  // An empty text fits every message that has the field.
  return verdict(fields(view.header, name).some(field => text === "" || has(fieldText(view.bytes, field), text)));
}

function inText(test: "body" | "text", text: string, source: SearchSource): SearchVerdict {
  if (text === "") return "yes";
  const view = viewOf(source);
  if (view === undefined) return "unknown";
  if (test === "text" && headerHas(view, text)) return "yes";
  if (source.read !== "message") return "unknown";
  const { message } = source;
  for (const part of partsOf(message.root)) {
    if (part !== message.root && headerHas({ bytes: message.bytes, header: part.header }, text)) return "yes";
    if (part.mediaType.startsWith("text/") && has(partText(message, part) ?? "", text)) return "yes";
  }
  return "no";
}

function headerHas(view: HeaderView, text: string): boolean {
  return headerLines(view).some(line => has(line, text));
}
