import type { DnsCheck as Checking } from "@scop/dns/check";
import type { DnsAnswer, Instant } from "@scop/platform";
import { type IpAddress, parseIp, remembered } from "@scop/wire";
import {
  EXPLANATION_CHARACTERS_MAX,
  LOOKUPS_MAX,
  MX_NAMES_MAX,
  PATH_STEPS_MAX,
  PTR_NAMES_MAX,
  REMEMBERED_RECORDS,
  VOID_LOOKUPS_MAX,
} from "./limits.ts";
import {
  asksForName,
  expand,
  formatMacroString,
  type MacroLetter,
  type MacroString,
  parseMacroString,
} from "./macro.ts";
import { dottedAddress, fittedName, isAtOrUnder, isDomainName } from "./names.ts";
import { type Directive, isSpfRecord, isWithin, type Mechanism, parseRecord, type SpfRecord } from "./record.ts";
import {
  type Outcome,
  RESULT_OF,
  type SpfCode,
  type SpfIdentity,
  type SpfStep,
  type SpfVerdict,
  sentenceOf,
} from "./verdict.ts";

/** What is checked. */
export interface SpfQuestion {
  /** Who is connected. */
  readonly address: IpAddress;
  /** What it said in EHLO, whatever that is. */
  readonly helo: string;
  /** The reverse-path; undefined for the null one. One character an octet. RFC 7208 2.4 */
  readonly sender: { readonly localPart: string; readonly domain: string } | undefined;
  /** Our own name, for explanations that want it. */
  readonly receiver: string;
  readonly now: Instant;
}

type Found = { readonly is: "match" | "no-match" } | { readonly is: "error"; readonly outcome: Outcome };

const readRecord = remembered(parseRecord, REMEMBERED_RECORDS);

const NO_MATCH: Found = { is: "no-match" };
const MATCH: Found = { is: "match" };

function ending(code: Exclude<SpfCode, "matched">, about: string, more: Partial<Outcome> = {}): Outcome {
  return { result: RESULT_OF[code], code, about, ...more };
}

function failure(answer: DnsAnswer<unknown>, about: string): Outcome | undefined {
  if (answer.found !== "failure") return undefined;
  return ending(answer.kind === "bogus" ? "dns-forged" : "dns-failure", about);
}

function recordsOf<T>(answer: DnsAnswer<T>): readonly T[] {
  return answer.found === "records" ? answer.records : [];
}

/** One check with its counters: those of RFC 7208 4.6.4 are for all records together. */
export class Check {
  readonly #question: SpfQuestion;
  readonly #identity: SpfIdentity;
  readonly #localPart: string;
  readonly #senderDomain: string;
  readonly #path: SpfStep[] = [];
  /** The names that the address has and that have the address; asked for once. */
  #names: readonly string[] | undefined;
  #lookups = 0;
  #voids = 0;

  constructor(question: SpfQuestion) {
    const { sender, helo } = question;
    this.#question = question;
    this.#identity = sender === undefined ? "helo" : "mailfrom";
    // RFC 7208 4.3: without a local part, it is the postmaster's.
    this.#localPart = sender?.localPart || "postmaster";
    this.#senderDomain = sender?.domain ?? helo;
  }

  /** The whole check. RFC 7208 4 */
  *verdict(): Checking<SpfVerdict> {
    const domain = this.#senderDomain;
    const { outcome, record } = yield* this.#checkHost(domain);
    const explanation =
      outcome.result === "fail" && record !== undefined
        ? yield* this.#explain(record.record.explanation, record.domain)
        : undefined;
    return {
      method: "spf",
      result: outcome.result,
      code: outcome.code,
      reason: sentenceOf(outcome, domain, this.#question.address.text),
      identity: this.#identity,
      domain,
      decidedBy: outcome.decidedBy,
      fault: outcome.fault,
      explanation,
      path: this.#path,
      lookups: this.#lookups,
    };
  }

  /**
   * check_host() of RFC 7208 4. A `redirect` goes on here; an `include` calls it again, which is bounded: each costs one of the ten look-ups.
   * The answer has the record whose explanation counts.
   */
  *#checkHost(
    first: string,
  ): Checking<{ readonly outcome: Outcome; readonly record: { record: SpfRecord; domain: string } | undefined }> {
    let domain = first;
    let from: SpfStep | undefined;
    for (;;) {
      const read = yield* this.#recordOf(domain);
      if ("code" in read) {
        const isMissing = read.result === "none" && from !== undefined;
        const outcome = isMissing ? ending("target-without-record", domain, { decidedBy: from }) : read;
        return { outcome, record: undefined };
      }
      const record = { record: read, domain };
      const outcome = yield* this.#evaluate(read, domain);
      if (outcome !== undefined) return { outcome, record };
      if (read.redirect === undefined) return { outcome: ending("not-matched", domain), record };
      from = this.#note(domain, `redirect=${formatMacroString(read.redirect)}`, "follow");
      const limit = this.#countLookup();
      if (limit !== undefined) return { outcome: limit, record };
      domain = yield* this.#target(read.redirect, domain);
    }
  }

  /** RFC 7208 4.3 to 4.6 */
  *#recordOf(domain: string): Checking<SpfRecord | Outcome> {
    if (!isDomainName(domain)) return ending("domain-malformed", domain);
    const answer = yield { type: "TXT", name: domain };
    const failed = failure(answer, domain);
    if (failed !== undefined) return failed;
    const texts = recordsOf(answer).filter(isSpfRecord);
    if (texts.length !== 1) return ending(texts.length === 0 ? "record-missing" : "records-several", domain);
    const record = readRecord(texts[0]!);
    if (record.ok) return record.value;
    return ending("record-malformed", domain, { fault: { domain, diagnostic: record.error } });
  }

  /** The outcome of the first directive that matches or fails; undefined where none does. RFC 7208 4.6.2 */
  *#evaluate(record: SpfRecord, domain: string): Checking<Outcome | undefined> {
    for (const directive of record.directives) {
      const found = yield* this.#matches(directive, domain);
      const step = this.#note(domain, directive.text, found.is);
      if (found.is === "error") return { decidedBy: step, ...found.outcome };
      if (found.is === "match") return { result: directive.qualifier, code: "matched", decidedBy: step, about: domain };
    }
    return undefined;
  }

  #note(domain: string, term: string, outcome: SpfStep["outcome"]): SpfStep {
    const step = { domain, term, outcome };
    if (this.#path.length < PATH_STEPS_MAX) this.#path.push(step);
    return step;
  }

  *#matches({ mechanism, text }: Directive, domain: string): Checking<Found> {
    if (mechanism.type === "all") return MATCH;
    if ("network" in mechanism)
      return isWithin(this.#question.address, mechanism.network, mechanism.bits) ? MATCH : NO_MATCH;
    const limit = this.#countLookup();
    if (limit !== undefined) return { is: "error", outcome: limit };
    const target = mechanism.domain === undefined ? domain : yield* this.#target(mechanism.domain, domain);
    switch (mechanism.type) {
      case "include":
        return yield* this.#includes(target, text, domain);
      case "exists":
        return yield* this.#exists(target);
      case "ptr":
        return (yield* this.#validatedNames()).some(name => isAtOrUnder(name, target)) ? MATCH : NO_MATCH;
      case "a":
        return yield* this.#hasAddress([target], target, mechanism);
      case "mx":
        return yield* this.#hasExchanger(target, mechanism);
    }
  }

  /** RFC 7208 5.2 */
  *#includes(target: string, term: string, domain: string): Checking<Found> {
    const { outcome } = yield* this.#checkHost(target);
    if (outcome.result === "pass") return MATCH;
    if (outcome.result === "none") {
      const decidedBy: SpfStep = { domain, term, outcome: "error" };
      return { is: "error", outcome: ending("target-without-record", target, { decidedBy }) };
    }
    const isError = outcome.result === "temperror" || outcome.result === "permerror";
    return isError ? { is: "error", outcome } : NO_MATCH;
  }

  /** RFC 7208 5.7: by IPv4, whoever is connected. */
  *#exists(target: string): Checking<Found> {
    const answer = yield { type: "A", name: target };
    const failed = failure(answer, target) ?? this.#countVoid(recordsOf(answer).length === 0);
    if (failed !== undefined) return { is: "error", outcome: failed };
    return recordsOf(answer).length > 0 ? MATCH : NO_MATCH;
  }

  /** RFC 7208 5.4 */
  *#hasExchanger(target: string, mechanism: Mechanism & { readonly type: "a" | "mx" }): Checking<Found> {
    const answer = yield { type: "MX", name: target };
    const failed = failure(answer, target);
    if (failed !== undefined) return { is: "error", outcome: failed };
    const hosts = recordsOf(answer).filter(host => host !== "");
    if (hosts.length > MX_NAMES_MAX) return { is: "error", outcome: ending("mx-limit", target) };
    return yield* this.#hasAddress(hosts, target, mechanism);
  }

  /** Whether one of the hosts has the address, or one beside it. A term of which nothing is found counts once as void. */
  *#hasAddress(
    hosts: readonly string[],
    target: string,
    { bits }: Mechanism & { readonly type: "a" | "mx" },
  ): Checking<Found> {
    const { family } = this.#question.address;
    let addresses = 0;
    for (const name of hosts) {
      const answer = yield { type: family === 4 ? "A" : "AAAA", name };
      const failed = failure(answer, name);
      if (failed !== undefined) return { is: "error", outcome: failed };
      addresses += recordsOf(answer).length;
      if (recordsOf(answer).some(text => this.#isBeside(text, family === 4 ? bits.v4 : bits.v6))) return MATCH;
    }
    const limit = this.#countVoid(addresses === 0);
    return limit === undefined ? NO_MATCH : { is: "error", outcome: { ...limit, about: target } };
  }

  #isBeside(text: string, bits: number): boolean {
    const other = parseIp(text);
    return other.ok && isWithin(this.#question.address, other.value.octets, bits);
  }

  /** The names of the address that lead back to it: RFC 7208 5.5. What can't be looked up is passed over. */
  *#validatedNames(): Checking<readonly string[]> {
    if (this.#names !== undefined) return this.#names;
    const { address } = this.#question;
    const names = recordsOf(yield { type: "PTR", address: address.text }).slice(0, PTR_NAMES_MAX);
    const valid: string[] = [];
    for (const name of names) {
      const answer = yield { type: address.family === 4 ? "A" : "AAAA", name };
      const bits = address.octets.length * 8;
      if (recordsOf(answer).some(text => this.#isBeside(text, bits))) valid.push(name);
    }
    this.#names = valid;
    return valid;
  }

  #countLookup(): Outcome | undefined {
    this.#lookups += 1;
    return this.#lookups > LOOKUPS_MAX ? ending("lookups-limit", this.#senderDomain) : undefined;
  }

  #countVoid(isVoid: boolean): Outcome | undefined {
    if (isVoid) this.#voids += 1;
    return this.#voids > VOID_LOOKUPS_MAX ? ending("void-lookups-limit", this.#senderDomain) : undefined;
  }

  /** The name that a domain-spec stands for. */
  *#target(macros: MacroString, domain: string): Checking<string> {
    return fittedName(yield* this.#expand(macros, domain));
  }

  *#expand(macros: MacroString, domain: string): Checking<string> {
    const name = asksForName(macros) ? this.#bestName(yield* this.#validatedNames(), domain) : "unknown";
    return expand(macros, letter => this.#valueOf(letter, domain, name));
  }

  /** RFC 7208 7.3: the domain itself, then one under it, then any. */
  #bestName(names: readonly string[], domain: string): string {
    const lower = domain.toLowerCase();
    const same = names.find(name => name.toLowerCase() === lower);
    return same ?? names.find(name => isAtOrUnder(name, domain)) ?? names[0] ?? "unknown";
  }

  #valueOf(letter: MacroLetter, domain: string, name: string): string {
    const { address, helo, receiver, now } = this.#question;
    const values: Record<MacroLetter, () => string> = {
      s: () => `${this.#localPart}@${this.#senderDomain}`,
      l: () => this.#localPart,
      o: () => this.#senderDomain,
      d: () => domain,
      i: () => dottedAddress(address),
      p: () => name,
      h: () => helo,
      v: () => (address.family === 4 ? "in-addr" : "ip6"),
      c: () => address.text,
      r: () => receiver || "unknown",
      t: () => String(Math.floor(now / 1000)),
    };
    return values[letter]();
  }

  /** RFC 7208 6.2: any fault means that there is no explanation. It costs none of the look-ups that are counted. */
  *#explain(macros: MacroString | undefined, domain: string): Checking<string | undefined> {
    if (macros === undefined) return undefined;
    const texts = recordsOf(yield { type: "TXT", name: yield* this.#target(macros, domain) });
    if (texts.length !== 1) return undefined;
    const read = parseMacroString(texts[0]!, "explanation", 0);
    if (!read.ok) return undefined;
    const text = yield* this.#expand(read.value, domain);
    const isPlain = /^[\x20-\x7e]*$/.test(text);
    return isPlain && text.length <= EXPLANATION_CHARACTERS_MAX ? text : undefined;
  }
}
