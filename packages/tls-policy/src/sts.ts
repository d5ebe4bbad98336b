import type { DnsAnswer, HttpsAnswer, HttpsRequest, Instant } from "@scop/platform";
import { describe } from "@scop/wire";
import { FETCH_MS_MAX, FETCH_PAUSE_MS, POLICY_OCTETS_MAX } from "./limits.ts";
import { parseStsPolicy, type StsPolicy } from "./sts-policy.ts";
import { parseStsRecord, stsRecordName } from "./sts-record.ts";

/** What is remembered of a domain. */
export interface StsMemory {
  /** The last policy that was fetched, the id that stood in DNS then, and when. */
  readonly policy: { readonly value: StsPolicy; readonly id: string; readonly fetchedAt: Instant } | undefined;
  /** When a fetch last failed. */
  readonly failedAt: Instant | undefined;
}

/** A question of the discovery, answered by what `StsAnswer` has of the same kind. */
export type StsQuestion =
  | { readonly do: "lookup"; readonly type: "TXT"; readonly name: string }
  | ({ readonly do: "fetch" } & HttpsRequest);

export type StsAnswer =
  | { readonly on: "answer"; readonly answer: DnsAnswer<string> }
  | { readonly on: "fetched"; readonly answer: HttpsAnswer };

/** What is known in the end. */
export interface StsOutcome {
  /** The policy that counts now; undefined: the domain has none, or nobody knows of one. */
  readonly policy: StsPolicy | undefined;
  /** What to remember; the same object where nothing changed. */
  readonly memory: StsMemory;
  /** Why a policy that the domain announces could not be had. RFC 8460 4.3.2.2 */
  readonly failure:
    | { readonly type: "sts-policy-fetch-error" | "sts-policy-invalid" | "sts-webpki-invalid"; readonly detail: string }
    | undefined;
}

export const NO_MEMORY: StsMemory = { policy: undefined, failedAt: undefined };

/** The policy in memory, as long as it lives. */
function livingPolicy(memory: StsMemory, now: Instant): StsPolicy | undefined {
  const { policy } = memory;
  if (policy === undefined) return undefined;
  const ageMs = now - policy.fetchedAt;
  return ageMs >= 0 && ageMs < 1_000 * policy.value.maxAgeS ? policy.value : undefined;
}

function isText(contentType: string): boolean {
  return /^text\/plain[ \t]*(?:;|$)/i.test(contentType);
}

/** A policy that was fetched, or why there is none. */
type Fetched = { readonly policy: StsPolicy } | { readonly failure: NonNullable<StsOutcome["failure"]> };

/** What to fetch for the policy of a domain. RFC 8461 3.3 */
export function stsRequest(domain: string): HttpsRequest {
  return {
    host: `mta-sts.${domain}`,
    path: "/.well-known/mta-sts.txt",
    octetsMax: POLICY_OCTETS_MAX,
    timeoutMs: FETCH_MS_MAX,
  };
}

/** The policy in what a web server answered to `stsRequest`. RFC 8461 3.3 */
export function readStsAnswer(answer: HttpsAnswer): Fetched {
  if (answer.got === "failure") {
    const type = answer.kind === "certificate" ? "sts-webpki-invalid" : "sts-policy-fetch-error";
    return { failure: { type, detail: answer.detail } };
  }
  if (answer.status !== 200) return { failure: { type: "sts-policy-fetch-error", detail: `HTTP ${answer.status}` } };
  if (!isText(answer.contentType)) return { failure: { type: "sts-policy-invalid", detail: "not text/plain" } };
  const read = parseStsPolicy(answer.body);
  if (!read.ok) return { failure: { type: "sts-policy-invalid", detail: describe(read.error) } };
  return { policy: read.value };
}

/**
 * Finds out which policy a domain has, from what is remembered and what DNS and its web server say. A policy that lives outlasts the loss of
 * both: whoever takes away the record or the server does not take away the policy. RFC 8461 3.1, RFC 8461 5.1
 */
export function* discoverSts(
  domain: string,
  memory: StsMemory,
  now: Instant,
): Generator<StsQuestion, StsOutcome, StsAnswer> {
  const living = livingPolicy(memory, now);
  const said = yield { do: "lookup", type: "TXT", name: stsRecordName(domain) };
  const texts = said.on === "answer" && said.answer.found === "records" ? said.answer.records : [];
  const record = parseStsRecord(texts);
  if (record.is === "none") return { policy: living, memory, failure: undefined };
  if (living !== undefined && memory.policy?.id === record.id) return { policy: living, memory, failure: undefined };
  if (memory.failedAt !== undefined && now >= memory.failedAt && now - memory.failedAt < FETCH_PAUSE_MS)
    return { policy: living, memory, failure: { type: "sts-policy-fetch-error", detail: "failed a short while ago" } };
  const got = yield { do: "fetch", ...stsRequest(domain) };
  const fetched: Fetched =
    got.on === "fetched"
      ? readStsAnswer(got.answer)
      : { failure: { type: "sts-policy-fetch-error", detail: "no answer" } };
  if ("failure" in fetched) {
    return { policy: living, memory: { ...memory, failedAt: now }, failure: fetched.failure };
  }
  const policy = { value: fetched.policy, id: record.id, fetchedAt: now };
  return { policy: fetched.policy, memory: { policy, failedAt: undefined }, failure: undefined };
}
