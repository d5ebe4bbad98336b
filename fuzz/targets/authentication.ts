import { parseDomain } from "@scop/address";
import { openDmarcCheck } from "@scop/dmarc";
import type { Grammar } from "@scop/fuzz";
import {
  addressesOf,
  addressesOfField,
  fields,
  fieldText,
  type Message,
  mailboxesOf,
  parseMessage,
  subjectOf,
} from "@scop/mime";
import { openSpfCheck } from "@scop/spf";
import { concat, latin1Bytes, parseIp } from "@scop/wire";
import { MESSAGE_GRAMMAR } from "./messages.ts";
import { type Answers, answersOf, finish } from "./name-service.ts";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";
import { KEY_LINE, sealed, signed, verdictsOf } from "./sealing-wax.ts";
import * as spf from "./spf.ts";

export const about =
  "who signs verifies; whatever is put before a signed message, what people see of it is what was signed, or the signature says so; SPF and DMARC come to an end in any zone";

/** Between what somebody puts before the message, the message, and the zone. */
const SEPARATOR = "\n====\n";
const MESSAGE =
  "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Hello\r\nDate: Fri, 27 Nov 2026 12:00:00 +0100\r\nMIME-Version: 1.0\r\n\r\nHi Bob\r\n";
const ZONE =
  "_dmarc.example.org TXT v=DMARC1; p=reject; sp=quarantine; adkim=s\nexample.org TXT v=spf1 include:a.example mx ptr exists:%{i}.example.org redirect=b.example\na.example TXT v=spf1 a/24 ~all\na.example A 192.0.2.7\nexample.org MX m.example\nm.example AAAA TIMEOUT\n192.0.2.1 PTR c.example.org\nc.example.org A 192.0.2.1";
export const seeds: readonly string[] = [
  ["", MESSAGE, ZONE].join(SEPARATOR),
  ["From: Eve <eve@example.org>\r\nSubject: Other\r\n", MESSAGE, ZONE].join(SEPARATOR),
  ["X-A: b\r\n", MESSAGE, "sub.example.org TXT v=spf1 +all\n_dmarc.example.org TXT BOGUS"].join(SEPARATOR),
  ["DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=s; h=from; bh=YQ==; b=YQ==\r\n", MESSAGE, ""].join(
    SEPARATOR,
  ),
];
export const grammar: Grammar = {
  input: [`{fields}${SEPARATOR}{message}${SEPARATOR}{zone}`, `{fields}${SEPARATOR}${MESSAGE}${SEPARATOR}{zone}`],
  zone: ["", "{line}\n{zone}", "{line}\n{zone}"],
  line: [
    "{name} TXT {record}",
    "{name} {type} {name}",
    "{name} A 192.0.2.{n}",
    "{name} AAAA 2001:db8::{n}",
    "192.0.2.1 PTR {name}",
    "{name} {type} TIMEOUT",
    "{name} {type} BOGUS",
    "_dmarc.{name} TXT v=DMARC1; p={policy}; sp={policy}; psd={psd}; aspf={psd}; t={psd}",
  ],
  type: ["TXT", "A", "AAAA", "MX", "PTR"],
  name: ["example.org", "a.example", "b.example", "org", "{label}.{name}"],
  policy: ["none", "quarantine", "reject"],
  psd: ["y", "n", "u", "s", "r"],
  ...spf.grammar,
  ...MESSAGE_GRAMMAR,
};
const REPEATED_FIELDS_MAX = 20;
/** Everything is hashed, verified and sealed. */
export const stepsPerOctetMax = 5_000;

export function fuzz(data: Uint8Array): void {
  const [before = "", text = "", ...zone] = latin1(data).split(SEPARATOR);
  const message = latin1Bytes(text);
  const answers = answersOf([KEY_LINE, ...zone].join("\n"));
  const wire = signed(message);
  const whole = verdictsOf(wire, answers);
  checkSigner(
    whole.dkim.map(({ result, reason }) => ({ result, reason })),
    message,
    answers,
  );
  const received = concat([latin1Bytes(before), wire]);
  const { dkim } = verdictsOf(received, answers);
  for (const verdict of dkim) {
    if (verdict.result !== "pass") continue;
    const own = parseMessage(message);
    // Of a field that is there more often the last twenty are signed, and a pass says so.
    const isSealed = (name: string): boolean => fields(own.root.header, name).length <= REPEATED_FIELDS_MAX;
    same(verdict.addedFields.filter(isSealed), [], "what is sealed has nothing added");
    checkDisplay(own, parseMessage(received), name => !verdict.addedFields.includes(name));
  }
  const passing = dkim.flatMap(verdict => (verdict.result === "pass" ? [verdict.domain] : []));
  checkPolicy(parseMessage(received), passing, answers);
}

/** Nobody else has the key: a signature that fails here is one that we could not make. A chain that holds goes on holding when it is sealed. */
function checkSigner(
  verdicts: readonly { readonly result: string; readonly reason: string }[],
  message: Uint8Array,
  answers: Answers,
): void {
  const isOurs = answers({ type: "TXT", name: "s._domainkey.example.org" });
  if (isOurs.found !== "records" || isOurs.records.length > 1) return;
  const hasFrom = fields(parseMessage(message).root.header, "from").length > 0;
  if (!hasFrom) return;
  check(verdicts[0]?.result === "pass", `what was signed verifies: ${verdicts[0]?.reason}`);
  const { arc } = verdictsOf(message, answers);
  const again = sealed(message, arc);
  if (again === undefined || arc.result === "fail") return;
  const chain = verdictsOf(again, answers).arc;
  check(chain.result === "pass", `what was sealed holds: ${chain.reason}`);
}

/** What people see of the message is what was signed. */
function checkDisplay(own: Message, received: Message, isVouchedFor: (name: string) => boolean): void {
  if (isVouchedFor("subject"))
    same(subjectOf(received), subjectOf(own), "the subject that is seen is the one that was signed");
  for (const name of ["from", "to", "cc", "reply-to"].filter(isVouchedFor)) {
    const shown = (message: Message): unknown =>
      mailboxesOf(addressesOf(message, name).addresses).map(({ localPart, domain }) => `${localPart}@${domain}`);
    same(shown(received), shown(own), `${name} that is seen is the one that was signed`);
    const texts = (message: Message): readonly string[] =>
      fields(message.root.header, name).map(field => fieldText(message.bytes, field));
    same(texts(received), texts(own), `there is no ${name} but what was signed`);
  }
}

/** SPF and DMARC of the message, and what their verdicts have to say. */
function checkPolicy(message: Message, dkimDomains: readonly string[], answers: Answers): void {
  const authors = fields(message.root.header, "from")
    .flatMap(field => mailboxesOf(addressesOfField(message.bytes, field).addresses))
    .flatMap(({ localPart, domain }) => {
      const read = parseDomain(domain);
      return read.ok ? [{ localPart, domain: read.value as string }] : [];
    });
  const address = parseIp("192.0.2.1");
  check(address.ok, "an address is one");
  if (!address.ok) return;
  const sender = authors[0];
  const about = { address: address.value, helo: "c.example.org", receiver: "mx.example", now: 1_700_000_000_000 };
  const { verdict: path } = finish(openSpfCheck({ ...about, sender }), answers);
  check(path.lookups <= 10 && path.path.length <= 200, "SPF keeps to its limits");
  if (path.fault) checkDiagnostics([path.fault.diagnostic], Number.MAX_SAFE_INTEGER);
  check(path.explanation === undefined || /^[ -~]*$/.test(path.explanation), "an explanation is one line of ASCII");
  const from = path.identity === "mailfrom" ? path.domain.toLowerCase() : undefined;
  const spfDomain = path.result === "pass" ? from : undefined;
  const question = {
    fromDomains: authors.map(({ domain }) => domain),
    spfDomain,
    dkimDomains,
    spfUnsureDomain: path.result === "temperror" ? from : undefined,
    dkimUnsureDomains: [],
  };
  const { verdict } = finish(openDmarcCheck(question), answers);
  if (verdict.result !== "pass") return;
  const organization = verdict.organizationalDomain ?? "";
  const aligned = verdict.dkimAligned ?? verdict.spfAligned ?? "";
  check(question.fromDomains.includes(verdict.author ?? ""), "the author is one of those in From");
  for (const domain of [aligned, verdict.author ?? ""])
    check(
      domain === organization || domain.endsWith(`.${organization}`),
      "who answers and the author are of one organisation",
    );
  check(aligned === spfDomain || dkimDomains.includes(aligned), "who answers is who sent or signed");
}
