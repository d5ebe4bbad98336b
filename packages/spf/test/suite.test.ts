import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { checkSpf } from "@scop/spf/run";
import { parseIp } from "@scop/wire";
import { parseAllDocuments } from "yaml";
import { type SuiteZone, suiteDns } from "./suite-dns.ts";

interface Case {
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
  readonly explanation?: string;
}

interface Scenario {
  readonly description: string;
  readonly tests: Readonly<Record<string, Case>>;
  readonly zonedata: SuiteZone;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const file = resolve(root, process.env["SCOP_SUITES"] ?? "../shared/suites", "spf/rfc7208-tests.yml");
const skip = existsSync(file) ? false : "the suite `spf` is not there (SCOP_SUITES)";
const scenarios: readonly Scenario[] = skip
  ? []
  : parseAllDocuments(readFileSync(file, "utf8"), { uniqueKeys: false }).map(document => document.toJS() as Scenario);

function senderOf(text: string): { readonly localPart: string; readonly domain: string } | undefined {
  if (text === "") return undefined;
  const at = text.lastIndexOf("@");
  return { localPart: text.slice(0, Math.max(0, at)), domain: text.slice(at + 1) };
}

describe("the suite of RFC 7208", { skip }, () => {
  it("is read whole", () => {
    const cases = scenarios.reduce((sum, scenario) => sum + Object.keys(scenario.tests).length, 0);
    assert.equal(cases, 203);
  });
  for (const { description, tests, zonedata } of scenarios) {
    for (const [name, given] of Object.entries(tests)) {
      it(`${description}: ${name}`, async () => {
        const address = parseIp(given.host);
        assert.ok(address.ok);
        const verdict = await checkSpf(
          { dns: suiteDns(zonedata), clock: { now: () => 0, monotonic: () => 0 } },
          { address: address.value, helo: given.helo, sender: senderOf(given.mailfrom), receiver: "mx.example.org" },
        );
        assert.ok([given.result].flat().includes(verdict.result), `${verdict.result}: ${verdict.reason}`);
        if (given.explanation !== undefined)
          assert.equal(verdict.explanation, given.explanation === "DEFAULT" ? undefined : given.explanation);
      });
    }
  }
});
