import { Choices } from "@scop/wire/arbitrary";
import type { DmarcRecord, FailureOption, Policy } from "./record.ts";

const POLICIES: readonly Policy[] = ["none", "quarantine", "reject"];
const OPTIONS: readonly (readonly FailureOption[])[] = [["0"], ["1"], ["d"], ["s"], ["1", "d", "s"], ["0", "s"]];
const URIS = ["mailto:a@b.test", "mailto:dmarc+x@example.org", "https://example.org/r?x=%2C"];

/** The record that octets choose: any octets choose one, and fewer choose a simpler one. */
export function recordOf(octets: Uint8Array): DmarcRecord {
  const choices = new Choices(octets);
  return {
    policy: choices.of(POLICIES),
    subdomainPolicy: choices.maybe(() => choices.of(POLICIES)),
    missingPolicy: choices.maybe(() => choices.of(POLICIES)),
    publicSuffix: choices.of(["unknown", "yes", "no"]),
    testing: choices.of(["no", "yes"]),
    dkim: choices.of(["relaxed", "strict"]),
    spf: choices.of(["relaxed", "strict"]),
    aggregateReports: choices.list(3, () => choices.of(URIS)),
    failureReports: choices.list(3, () => choices.of(URIS)),
    failureOptions: choices.of(OPTIONS),
  };
}
