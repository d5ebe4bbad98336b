import { CharClass, type Diagnostic, failed, isClass, type Parsed, parsed } from "@scop/wire";
import { REPORT_URIS_MAX, TAGS_MAX } from "./limits.ts";

/** What a domain wants done with mail that fails. RFC 9989 4.7 */
export type Policy = "none" | "quarantine" | "reject";

/** How near an authenticated domain has to be. RFC 9989 4.4 */
export type Alignment = "relaxed" | "strict";

/** When somebody wants a report about one message. RFC 9989 4.7 */
export type FailureOption = "0" | "1" | "d" | "s";

/** Where reports go. */
export interface ReportUri {
  /** A `mailto:` URI, or one of another scheme. */
  readonly uri: string;
  /** Octets that a message with a report may have there. Records written for RFC 7489 (6.2) say so; RFC 9990 3.5 asks to obey. */
  readonly octetsMax: number | undefined;
}

/** A DMARC policy record, with defaults where it says nothing. RFC 9989 4.7 */
export interface DmarcRecord {
  /** Undefined: nothing is to be done for this domain (RFC 9989 4.10.1). */
  readonly policy: Policy | undefined;
  /** Of subdomains that exist, and of those that do not; undefined where `policy` is theirs. */
  readonly subdomainPolicy: Policy | undefined;
  readonly missingPolicy: Policy | undefined;
  /** Whether it is a public suffix; `unknown` leaves it to the tree walk. */
  readonly publicSuffix: "yes" | "no" | "unknown";
  /** Whether the domain is only trying: the next lower policy counts. */
  readonly testing: "yes" | "no";
  readonly dkim: Alignment;
  readonly spf: Alignment;
  readonly aggregateReports: readonly ReportUri[];
  /** URIs; sizes are left out. */
  readonly failureReports: readonly string[];
  readonly failureOptions: readonly FailureOption[];
}

interface Tag {
  readonly value: string;
  readonly offset: number;
}

const RULE = "RFC 9989 4.7";
const VERSION = /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/;
const POLICIES: ReadonlyMap<string, Policy> = new Map([
  ["none", "none"],
  ["quarantine", "quarantine"],
  ["reject", "reject"],
]);
const ALIGNMENTS: ReadonlyMap<string, Alignment> = new Map([
  ["r", "relaxed"],
  ["s", "strict"],
]);
const SUFFIXES: ReadonlyMap<string, DmarcRecord["publicSuffix"]> = new Map([
  ["y", "yes"],
  ["n", "no"],
  ["u", "unknown"],
]);
const YES_NO: ReadonlyMap<string, "yes" | "no"> = new Map([
  ["y", "yes"],
  ["n", "no"],
]);
const KNOWN = new Set(["v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo"]);
/** What RFC 7489 had and nobody reads any more. RFC 9989 C.6 */
const OBSOLETE = new Set(["pct", "rf", "ri"]);

/** Whether a TXT record is one of DMARC: `v=DMARC1` first, in these letters. RFC 9989 4.8 */
export function isDmarcRecord(text: string): boolean {
  return VERSION.test(text);
}

/** Reads tags; what is wrong is noted and the default counts. */
class Tags {
  readonly #tags = new Map<string, Tag>();
  readonly notes: Diagnostic[] = [];

  constructor(text: string) {
    for (let start = 0; start < text.length; ) {
      const semicolon = text.indexOf(";", start);
      const end = semicolon < 0 ? text.length : semicolon;
      this.#add(text, start, end);
      start = end + 1;
    }
  }

  /** dmarc-tag = 1*ALPHA equals 1*dmarc-value */
  #add(text: string, start: number, end: number): void {
    const written = text.slice(start, end);
    const offset = start + written.length - written.trimStart().length;
    const equals = written.indexOf("=");
    const name = written.slice(0, Math.max(0, equals)).trim().toLowerCase();
    const value = written.slice(equals + 1).trim();
    if (written.trim() === "") return;
    if (equals < 0 || !isName(name) || value === "" || !isPrintable(value)) this.#note("tag-malformed", offset, end);
    else if (this.#tags.has(name)) this.#note("tag-duplicate", offset, end);
    else if (this.#tags.size >= TAGS_MAX) this.#note("tags-limit", offset, end);
    else {
      this.#tags.set(name, { value, offset });
      if (OBSOLETE.has(name)) this.#note("tag-obsolete", offset, end);
      else if (!KNOWN.has(name)) this.#note("tag-unknown", offset, end);
    }
  }

  #note(code: string, offset: number, end: number): void {
    if (this.notes.length < TAGS_MAX) this.notes.push({ code, offset, length: end - offset, rule: RULE });
  }

  /** The value of a tag, undefined where it is missing; one that is none of the values is noted. */
  one<T>(name: string, values: ReadonlyMap<string, T>): { readonly value: T | undefined; readonly is: "fine" | "odd" } {
    const tag = this.#tags.get(name);
    const value = values.get(tag?.value.toLowerCase() ?? "");
    const is = tag === undefined || value !== undefined ? "fine" : "odd";
    if (tag !== undefined && is === "odd") this.#note("tag-value", tag.offset, tag.offset + tag.value.length);
    return { value, is };
  }

  /** Reporting URIs, a size behind a `!` apart; what is no URI is noted. */
  uris(name: string): readonly ReportUri[] {
    const tag = this.#tags.get(name);
    if (tag === undefined) return [];
    const uris = tag.value.split(",", REPORT_URIS_MAX).map(text => reportUri(text.trim()));
    const fine = uris.filter(({ uri }) => isUri(uri));
    if (fine.length < uris.length) this.#note("uri-malformed", tag.offset, tag.offset + tag.value.length);
    return fine;
  }

  options(name: string): readonly FailureOption[] {
    const tag = this.#tags.get(name);
    const options = (tag?.value ?? "0").split(":", 5).map(option => option.trim());
    const fine = options.filter(option => option === "0" || option === "1" || option === "d" || option === "s");
    if (tag !== undefined && fine.length < options.length)
      this.#note("tag-value", tag.offset, tag.offset + tag.value.length);
    return fine.length === 0 ? ["0"] : fine;
  }
}

const UNITS = ["", "k", "m", "g", "t"];

/** dmarc-uri = URI [ "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] ]   RFC 7489 6.4 */
function reportUri(text: string): ReportUri {
  const [, uri, size, unit = ""] = /^(.*)!([0-9]{1,16})([kmgt]?)$/i.exec(text) ?? [];
  if (uri === undefined) return { uri: text.replace(/![0-9]+[kmgt]?$/i, ""), octetsMax: undefined };
  const octets = Number(size) * 1024 ** UNITS.indexOf(unit.toLowerCase());
  return { uri, octetsMax: Math.min(octets, Number.MAX_SAFE_INTEGER) };
}

function isName(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) if (!isClass(name.charCodeAt(at), CharClass.alpha)) return false;
  return name.length > 0;
}

function isPrintable(value: string): boolean {
  return /^[\x20-\x7e\t]*$/.test(value);
}

/** A scheme and something behind it, without spaces. RFC 3986 3 */
function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && !/[,!]/.test(text);
}

/**
 * A record from its text, one character an octet. Refused only where it is none of DMARC: any other fault is a note, and the default counts. RFC 9989 4.8
 *
 * Without a valid `p`, or with an `sp` or `np` that is none, the policy is `none` where there is somebody to report to, and undefined
 * otherwise. RFC 9989 4.10.1
 */
export function parseDmarcRecord(text: string): Parsed<DmarcRecord> {
  if (!isDmarcRecord(text)) return failed("version", 0, text.length, RULE);
  const tags = new Tags(text);
  const policies = { p: tags.one("p", POLICIES), sp: tags.one("sp", POLICIES), np: tags.one("np", POLICIES) };
  const aggregateReports = tags.uris("rua");
  const isOdd = policies.p.value === undefined || policies.sp.is === "odd" || policies.np.is === "odd";
  const instead = aggregateReports.length > 0 ? "none" : undefined;
  const record: DmarcRecord = {
    policy: isOdd ? instead : policies.p.value,
    subdomainPolicy: isOdd ? undefined : policies.sp.value,
    missingPolicy: isOdd ? undefined : policies.np.value,
    publicSuffix: tags.one("psd", SUFFIXES).value ?? "unknown",
    testing: tags.one("t", YES_NO).value ?? "no",
    dkim: tags.one("adkim", ALIGNMENTS).value ?? "relaxed",
    spf: tags.one("aspf", ALIGNMENTS).value ?? "relaxed",
    aggregateReports,
    failureReports: tags.uris("ruf").map(({ uri }) => uri),
    failureOptions: tags.options("fo"),
  };
  return parsed(record, tags.notes);
}

function letterOf<T>(values: ReadonlyMap<string, T>, value: T): string {
  return [...values].find(([, each]) => each === value)![0];
}

/** A record as DNS has it; what is the default is left out. */
export function formatDmarcRecord(record: DmarcRecord): string {
  const tags = ["v=DMARC1"];
  const add = (name: string, value: string | undefined): void => void (value && tags.push(`${name}=${value}`));
  add("p", record.policy);
  add("sp", record.subdomainPolicy);
  add("np", record.missingPolicy);
  add("psd", record.publicSuffix === "unknown" ? "" : letterOf(SUFFIXES, record.publicSuffix));
  add("t", record.testing === "yes" ? "y" : "");
  add("adkim", record.dkim === "strict" ? "s" : "");
  add("aspf", record.spf === "strict" ? "s" : "");
  const sized = record.aggregateReports.map(
    each => `${each.uri}${each.octetsMax === undefined ? "" : `!${each.octetsMax}`}`,
  );
  add("rua", sized.join(","));
  add("ruf", record.failureReports.join(","));
  add("fo", record.failureOptions.join(":") === "0" ? "" : record.failureOptions.join(":"));
  return tags.join("; ");
}
