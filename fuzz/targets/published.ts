import type { Grammar } from "@scop/fuzz";
import { TEXT_KINDS } from "../../apps/scop/src/published/texts.ts";
import * as dkim from "./dkim.ts";
import * as dmarc from "./dmarc.ts";
import { check, checkOneLine, latin1 } from "./properties.ts";
import * as spf from "./spf.ts";

export const about =
  "what DNS has in place of our records is told to be ours or another, in one line, whatever it is; a record is its own, also with a tag more";

/** What we ask to publish, by purpose. */
const ASKED: { readonly [P in keyof typeof TEXT_KINDS]: string } = {
  spf: "v=spf1 mx -all",
  dkim: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  dmarc: "v=DMARC1; p=none; rua=mailto:postmaster@example.org",
  "mta-sts": "v=STSv1; id=20261127;",
  "tls-rpt": "v=TLSRPTv1; rua=mailto:postmaster@example.org",
};
export const seeds: readonly string[] = [
  ...Object.values(ASKED),
  "v=spf1 +MX include:_spf.example.net ~all",
  "v=DMARC1; p=reject; rua=mailto:a@example.org,mailto:postmaster@example.org",
  "v=TLSRPTv1;rua=https://example.org/r,mailto:postmaster@example.org",
];
export const grammar: Grammar = {
  text: ["{record}", "{tags}", "v=STSv1; id={label};", "v=TLSRPTv1; rua={uris}"],
  ...spf.grammar,
  ...dmarc.grammar,
  tags: ["{dmarctag};{tags}", "{keytag}; {tags}", "{keytag}"],
  dmarctag: ["v=DMARC1", "{tag}"],
  keytag: ["v=DKIM1", "k=ed25519", "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "t=y", "h=sha256", "s=email"],
};
export const words: readonly string[] = dkim.seeds;

export function fuzz(data: Uint8Array): void {
  const found = latin1(data);
  for (const purpose of Object.keys(ASKED) as (keyof typeof ASKED)[]) {
    const { isOne, compare } = TEXT_KINDS[purpose];
    const asked = ASKED[purpose];
    check(compare(asked, asked).is === "same" && isOne(asked), "a record is its own");
    if (!isOne(found)) continue;
    const comparison = compare(asked, found);
    const said = comparison.is === "same" ? comparison.besides : comparison.how;
    if (said !== undefined) checkOneLine(said, "what is said about a record");
    if (comparison.is === "same" && purpose === "spf") check(/\bmx\b/i.test(found), "a record that is ours says so");
  }
}
