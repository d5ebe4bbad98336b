import { parseDomain } from "@scop/address";
import { assert } from "@scop/wire";
import { Choices } from "@scop/wire/arbitrary";
import { MAX_AGE_S_MAX } from "./limits.ts";
import { RESULT_TYPES, type TlsFailure, type TlsReport } from "./report.ts";
import type { StsName, StsPolicy } from "./sts-policy.ts";

const DOMAINS = ["example.org", "mx.example.org", "xn--bcher-kva.example", "a.b.c.example"];
const TEXTS = ["", "mx.example.org", "2001:db8::1", "naïve \u2028 text", '"quoted" \\ ', "x".repeat(1_000)];

function name(choices: Choices): StsName {
  const domain = parseDomain(choices.of(DOMAINS));
  assert(domain.ok, "generated domains are domains");
  return { is: choices.of(["host", "below"]), domain: domain.value };
}

function count(choices: Choices): number {
  return choices.below(256) * 65_536 + choices.below(256);
}

/** The policy that octets choose. */
export function stsPolicyOf(octets: Uint8Array): StsPolicy {
  const choices = new Choices(octets);
  const mode = choices.of(["none", "testing", "enforce"] as const);
  const names = choices.list(4, () => name(choices));
  return {
    mode,
    maxAgeS: count(choices) % (MAX_AGE_S_MAX + 1),
    names: mode === "none" ? names : [...names, name(choices)],
  };
}

function failure(choices: Choices): TlsFailure {
  const text = (): string | undefined => choices.maybe(() => choices.of(TEXTS));
  return {
    result: choices.of(RESULT_TYPES),
    sessions: count(choices),
    sendingIp: text(),
    receivingHost: text(),
    receivingIp: text(),
    information: text(),
    reason: text(),
  };
}

/** The report that octets choose. */
export function tlsReportOf(octets: Uint8Array): TlsReport {
  const choices = new Choices(octets);
  const from = 1_000 * count(choices);
  return {
    organization: choices.of(TEXTS),
    from,
    to: from + 86_399_000,
    contact: choices.of(TEXTS),
    id: choices.of(TEXTS),
    policies: choices.list(4, () => ({
      policy: choices.of(["tlsa", "sts", "no-policy-found"] as const),
      text: choices.list(3, () => choices.of(TEXTS)),
      domain: choices.of(DOMAINS),
      hosts: choices.list(3, () => choices.of(DOMAINS)),
      successful: count(choices),
      failed: count(choices),
      failures: choices.list(3, () => failure(choices)),
    })),
  };
}
