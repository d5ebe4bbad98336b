import type { DnsCheck as Checking } from "@scop/dns/check";
import { ask, Discovery, Unanswered } from "./discovery.ts";
import { AUTHOR_DOMAINS_MAX, IDENTIFIERS_MAX } from "./limits.ts";
import type { DmarcRecord, Policy } from "./record.ts";
import { type DmarcCode, type DmarcResult, type DmarcVerdict, sentenceOf } from "./verdict.ts";
import { isAtOrUnder, organizationalDomain, type Visited } from "./walk.ts";

/** What is checked. All domains in lower case and A-labels. */
export interface DmarcQuestion {
  /** The domains of the mailboxes in all From fields. */
  readonly fromDomains: readonly string[];
  /** The domain of MAIL FROM where SPF says `pass`; that of EHLO does not count. RFC 9989 4.4.2 */
  readonly spfDomain: string | undefined;
  /** The domains of signatures that pass. RFC 9989 4.4.1 */
  readonly dkimDomains: readonly string[];
  /** The domain of MAIL FROM where SPF says `temperror`, and those of such signatures: they could have passed. */
  readonly spfUnsureDomain: string | undefined;
  readonly dkimUnsureDomains: readonly string[];
}

const SEVERITY: Record<Policy, number> = { none: 0, quarantine: 1, reject: 2 };
const TESTED: Record<Policy, Policy> = { none: "none", quarantine: "none", reject: "quarantine" };

/** One check; each name is asked for once. */
export class Check {
  readonly #question: DmarcQuestion;
  readonly #discovery = new Discovery();

  constructor(question: DmarcQuestion) {
    this.#question = question;
  }

  /**
   * Of several domains in From, the one that fails with the strictest policy counts; it passes where all do. Where DNS does not answer about one of
   * several, that has a code of its own: whoever writes them can have one of his own not answered, and what the others ask for is not to be missed. RFC 9989 11.5
   */
  *verdict(): Checking<DmarcVerdict> {
    const authors = [...new Set(this.#question.fromDomains)];
    if (authors.length === 0) return ended("permerror", "author-missing", undefined);
    if (authors.length > AUTHOR_DOMAINS_MAX) return ended("permerror", "authors-several", undefined);
    let worst: DmarcVerdict | undefined;
    for (const author of authors) {
      const verdict = yield* this.#checkAuthor(author);
      if (worst === undefined || rank(verdict) > rank(worst)) worst = verdict;
    }
    const { result, author } = worst!;
    const isHidden = result === "temperror" && authors.length > 1;
    return isHidden ? ended("temperror", "authors-unanswered", author) : worst!;
  }

  *#checkAuthor(author: string): Checking<DmarcVerdict> {
    try {
      return yield* this.#evaluate(author);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      return ended("temperror", error.kind === "bogus" ? "dns-forged" : "dns-failure", author, error.about);
    }
  }

  *#evaluate(author: string): Checking<DmarcVerdict> {
    const walk = yield* this.#discovery.walk(author);
    const organization = organizationalDomain(author, walk);
    const policyDomain = policyDomainOf(author, organization, walk);
    const found = policyDomain === undefined ? undefined : this.#discovery.known(policyDomain);
    if (policyDomain === undefined || found === undefined) return ended("none", "no-record", author);
    const { record, notes } = found;
    const of = { author, organizationalDomain: organization, policyDomain, record, notes };
    if (record.policy === undefined) return finished({ ...NOTHING, ...of, result: "none", code: "no-policy" });
    const { spfDomain, dkimDomains, spfUnsureDomain, dkimUnsureDomains } = this.#question;
    const spfAligned = yield* this.#aligned(spfDomain === undefined ? [] : [spfDomain], record.spf, of);
    const dkimAligned = yield* this.#aligned(dkimDomains, record.dkim, of);
    const { policy, tag } = yield* this.#policy(author, policyDomain, record);
    const applied = record.testing === "yes" ? TESTED[policy] : policy;
    const known = { ...of, spfAligned, dkimAligned, policy: applied, policyTag: tag };
    if (spfAligned !== undefined || dkimAligned !== undefined)
      return finished({ ...known, result: "pass", code: "aligned" });
    const isUnsure =
      (yield* this.#aligned(spfUnsureDomain === undefined ? [] : [spfUnsureDomain], record.spf, of)) !== undefined ||
      (yield* this.#aligned(dkimUnsureDomains, record.dkim, of)) !== undefined;
    // Whoever answers for the author might have sent or signed it. RFC 9989 5.3
    if (isUnsure) return finished({ ...known, result: "temperror", code: "unsure" });
    return finished({ ...known, result: "fail", code: "not-aligned" });
  }

  /** The first of the domains that answers for the author. RFC 9989 4.4, 4.10.2 */
  *#aligned(
    domains: readonly string[],
    alignment: "relaxed" | "strict",
    { author, organizationalDomain: organization }: { readonly author: string; readonly organizationalDomain: string },
  ): Checking<string | undefined> {
    const some = domains.slice(0, IDENTIFIERS_MAX);
    if (some.includes(author)) return author;
    if (alignment === "strict") return undefined;
    for (const domain of some) {
      // Whose organisation it is can only be at or above it: nothing is asked about others.
      if (!isAtOrUnder(domain, organization)) continue;
      if (organizationalDomain(domain, yield* this.#discovery.walk(domain)) === organization) return domain;
    }
    return undefined;
  }

  /** Which policy is that of the author. RFC 9989 4.10.1 */
  *#policy(
    author: string,
    policyDomain: string,
    record: DmarcRecord,
  ): Checking<{ readonly policy: Policy; readonly tag: "p" | "sp" | "np" }> {
    const own = { policy: record.policy ?? "none", tag: "p" } as const;
    if (author === policyDomain) return own;
    const { subdomainPolicy, missingPolicy } = record;
    if (missingPolicy !== undefined && !(yield* this.#exists(author))) return { policy: missingPolicy, tag: "np" };
    return subdomainPolicy === undefined ? own : { policy: subdomainPolicy, tag: "sp" };
  }

  /** RFC 9989 3.2.13: a name without addresses and mail exchangers does not exist. */
  *#exists(name: string): Checking<boolean> {
    for (const type of ["A", "AAAA", "MX"] as const) if ((yield* ask({ type, name })).length > 0) return true;
    return false;
  }
}

/** The author's own record, that of its organisation, or that of the public suffix above. RFC 9989 4.10.1 */
function policyDomainOf(author: string, organization: string, walk: readonly Visited[]): string | undefined {
  const withRecord = walk.filter(({ record }) => record !== undefined).map(({ domain }) => domain);
  const suffix = walk.find(({ record }) => record?.publicSuffix === "yes")?.domain;
  return [author, organization, suffix].find(domain => domain !== undefined && withRecord.includes(domain));
}

const NOTHING = {
  organizationalDomain: undefined,
  policyDomain: undefined,
  record: undefined,
  notes: [],
  policy: "none",
  policyTag: undefined,
  spfAligned: undefined,
  dkimAligned: undefined,
} as const;

function finished(verdict: Omit<DmarcVerdict, "reason" | "method">, about = ""): DmarcVerdict {
  return { method: "dmarc", ...verdict, reason: sentenceOf(verdict, about) };
}

function ended(result: DmarcResult, code: DmarcCode, author: string | undefined, about?: string): DmarcVerdict {
  return finished({ ...NOTHING, result, code, author }, about);
}

/** How bad a verdict is beside others of one message. */
function rank({ result, policy }: DmarcVerdict): number {
  const order: readonly DmarcResult[] = ["pass", "none", "temperror", "fail", "permerror"];
  return order.indexOf(result) * 3 + (result === "fail" ? SEVERITY[policy] : 0);
}
