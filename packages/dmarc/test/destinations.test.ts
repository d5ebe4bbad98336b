import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMailbox } from "@scop/address";
import { findReportDestinations } from "@scop/dmarc/run";
import { parseZone, zoneDns } from "@scop/dns/zone";

type Zone = Readonly<Record<string, string | readonly string[]>>;

/** Who gets reports about example.com, with the octets that they take, then who does not, then whether DNS said all. */
async function found(zone: Zone, domain = "example.com"): Promise<string> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(zone))
    json[name] = value === "TIMEOUT" || value === "BOGUS" ? value : { TXT: [value].flat() };
  const read = parseZone(json);
  assert.ok(read.ok, JSON.stringify(read));
  const { destinations, refused, result } = await findReportDestinations({ dns: zoneDns(read.zone) }, domain);
  const to = destinations.map(
    ({ mailbox, octetsMax }) => `${formatMailbox(mailbox)}${octetsMax === undefined ? "" : `!${octetsMax}`}`,
  );
  return [to.join(" "), refused.join(" "), result].join(" | ");
}

const LONG = `${"a.".repeat(114)}example.com`;
const OUTSIDE = { "_dmarc.example.com": "v=DMARC1; p=none; rua=mailto:r@red.example.net" };
const CONSENT = "example.com._report._dmarc.red.example.net";

const rows: readonly (readonly [what: string, zone: Zone, expected: string, domain?: string])[] = [
  ["no record", {}, " |  | known"],
  ["a record without rua", { "_dmarc.example.com": "v=DMARC1; p=none" }, " |  | known"],
  [
    "its own mailbox",
    { "_dmarc.example.com": "v=DMARC1; p=none; rua=mailto:r@example.com" },
    "r@example.com |  | known",
  ],
  [
    "one of the same organisation",
    { "_dmarc.example.com": "v=DMARC1; p=none; rua=mailto:r@mail.example.com!10m" },
    "r@mail.example.com!10485760 |  | known",
  ],
  [
    "the organisation of a subdomain with a record",
    {
      "_dmarc.a.example.com": "v=DMARC1; p=none; rua=mailto:r@example.com",
      "_dmarc.example.com": "v=DMARC1; p=none",
    },
    "r@example.com |  | known",
    "a.example.com",
  ],
  ["another organisation", OUTSIDE, " | mailto:r@red.example.net | known"],
  ["another one that consents", { ...OUTSIDE, [CONSENT]: "v=DMARC1" }, "r@red.example.net |  | known"],
  ["another one that says something else", { ...OUTSIDE, [CONSENT]: "hello" }, " | mailto:r@red.example.net | known"],
  [
    "one that names another mailbox",
    { ...OUTSIDE, [CONSENT]: "v=DMARC1; rua=mailto:other@red.example.net!1k" },
    "other@red.example.net!1024 |  | known",
  ],
  [
    "one that names somebody else",
    { ...OUTSIDE, [CONSENT]: "v=DMARC1; rua=mailto:victim@blue.example" },
    " | mailto:r@red.example.net | known",
  ],
  ["one that does not answer", { ...OUTSIDE, [CONSENT]: "TIMEOUT" }, " |  | temperror"],
  ["one whose answer is forged", { ...OUTSIDE, [CONSENT]: "BOGUS" }, " |  | temperror"],
  ["a record that can't be had", { "_dmarc.example.com": "TIMEOUT" }, " |  | temperror"],
  [
    "others where one does not answer",
    {
      "_dmarc.example.com": "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:r@red.example.net,mailto:b@example.com",
      [CONSENT]: "TIMEOUT",
    },
    "a@example.com b@example.com |  | temperror",
  ],
  [
    "what is no mailbox",
    {
      "_dmarc.example.com": "v=DMARC1; p=none; rua=https://example.com/,mailto:r@[192.0.2.1],mailto:a%2Cb@example.com",
    },
    " | https://example.com/ mailto:r@[192.0.2.1] mailto:a%2Cb@example.com | known",
  ],
  [
    "one mailbox twice",
    { "_dmarc.example.com": "v=DMARC1; p=none; rua=mailto:r@example.com,mailto:r@EXAMPLE.com" },
    "r@example.com |  | known",
  ],
  [
    "a name that is too long for the question",
    { [`_dmarc.${LONG}`]: "v=DMARC1; p=none; rua=mailto:r@red.example.net" },
    " | mailto:r@red.example.net | known",
    LONG,
  ],
];

for (const [what, zone, expected, domain] of rows) {
  test(`reports: ${what}`, async () => assert.equal(await found(zone, domain), expected));
}
