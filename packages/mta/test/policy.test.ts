import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArcVerdict } from "@scop/dkim/arc";
import type { DmarcVerdict } from "@scop/dmarc";
import { dispositionOf, type VerifyPolicy } from "../src/verify/policy.ts";
import type { Verdicts } from "../src/verify/verification.ts";

const POLICY: VerifyPolicy = { onReject: "reject", onQuarantine: "quarantine", trustedSealers: ["list.test"] };

function sealed(...sealers: readonly (readonly [domain: string, dmarc: string])[]): Partial<ArcVerdict> {
  return {
    result: "pass",
    sealers: sealers.map(([domain, result], index) => ({
      instance: index + 1,
      domain,
      selector: "s",
      results: {
        server: domain,
        version: 1,
        diagnostics: [],
        results: [{ method: "dmarc", version: 1, result, reason: undefined, comment: "", properties: [] }],
      },
    })),
  };
}

/** What was found, the policy, and what comes of it. */
const rows: readonly (readonly [
  what: string,
  dmarc: Partial<DmarcVerdict>,
  arc: Partial<ArcVerdict>,
  policy: Partial<VerifyPolicy>,
  expected: string,
])[] = [
  ["a pass", { result: "pass", policy: "reject" }, {}, {}, "accept pass"],
  ["no record", { result: "none", policy: "none" }, {}, {}, "accept no-policy"],
  ["a fail without a wish", { result: "fail", policy: "none" }, {}, {}, "accept no-policy"],
  ["a fail", { result: "fail", policy: "reject" }, {}, {}, "reject"],
  ["a suspicious fail", { result: "fail", policy: "quarantine" }, {}, {}, "quarantine"],
  ["DNS is away", { result: "temperror", policy: "none" }, {}, {}, "accept unsure"],
  ["DNS is away where it would save it", { result: "temperror", policy: "reject" }, {}, {}, "reject later"],
  ["a crowd in From", { result: "permerror", code: "authors-several", policy: "none" }, {}, {}, "reject"],
  [
    "a crowd in From, a lenient operator",
    { result: "permerror", code: "authors-several", policy: "none" },
    {},
    { onReject: "accept" },
    "accept configured",
  ],
  [
    "DNS is away about one of several authors",
    { result: "temperror", code: "authors-unanswered", policy: "none" },
    {},
    {},
    "reject later",
  ],
  ["the same, suspicious", { result: "temperror", policy: "quarantine" }, {}, {}, "accept unsure"],
  [
    "the same, a careful operator",
    { result: "temperror", policy: "reject" },
    {},
    { onReject: "quarantine" },
    "accept unsure",
  ],
  [
    "the same, a trusted sealer",
    { result: "temperror", policy: "reject" },
    sealed(["list.test", "pass"]),
    {},
    "accept sealer",
  ],
  ["nobody in From", { result: "permerror", policy: "none" }, {}, {}, "accept no-policy"],
  ["a lenient operator", { result: "fail", policy: "reject" }, {}, { onReject: "accept" }, "accept configured"],
  ["a careful operator", { result: "fail", policy: "reject" }, {}, { onReject: "quarantine" }, "quarantine"],
  ["a calm operator", { result: "fail", policy: "quarantine" }, {}, { onQuarantine: "accept" }, "accept configured"],
  ["a trusted sealer", { result: "fail", policy: "reject" }, sealed(["list.test", "pass"]), {}, "accept sealer"],
  ["a sealer who saw a fail", { result: "fail", policy: "reject" }, sealed(["list.test", "fail"]), {}, "reject"],
  ["a stranger's seal", { result: "fail", policy: "reject" }, sealed(["evil.test", "pass"]), {}, "reject"],
  [
    "a stranger before the trusted sealer",
    { result: "fail", policy: "reject" },
    sealed(["evil.test", "pass"], ["list.test", "pass"]),
    {},
    "reject",
  ],
  [
    "a broken chain",
    { result: "fail", policy: "reject" },
    { ...sealed(["list.test", "pass"]), result: "fail" } as Partial<ArcVerdict>,
    {},
    "reject",
  ],
];
for (const [what, dmarc, arc, policy, expected] of rows) {
  test(`${what}: ${expected}`, () => {
    const verdicts = { dmarc: { reason: "", ...dmarc }, arc: { result: "none", ...arc } } as unknown as Verdicts;
    const disposition = dispositionOf(verdicts, { ...POLICY, ...policy });
    const because = disposition.do === "accept" ? ` ${disposition.because}` : "";
    const until = disposition.do === "reject" && disposition.until === "later" ? " later" : "";
    assert.equal(`${disposition.do}${because}${until}`, expected);
  });
}
