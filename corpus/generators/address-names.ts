import { domainToASCII, domainToUnicode } from "node:url";
import type { Library } from "./topic.ts";

/** Labels in other scripts: far from each other, near, alike, and in every order. */
const LABELS = [
  "\u00fc",
  "\u00fc\u00fc",
  "\u00fca",
  "a\u00fc",
  "a\u00fcb\u00f6c",
  "\u00f6\u00fc\u00f6",
  "a-\u00fc-b",
  "9\u00fc",
  "\u00fc9",
  "\u00ff",
  "\u0101",
  "\u07ca\u07cb",
  "\u0800",
  "\u65e5\u672c\u8a9e",
  "\u65e5a\u672cb\u8a9ec",
  "\u30c6\u30b9\u30c8",
  "\ud55c\uad6d",
  "\u4e00\u9fff",
  "\u4e00\u4e01\u4e02\u4e03\u4e04\u4e05",
  "\u{20000}",
  "a\u{20000}",
  "\u{20000}\u4e00\u00fc",
  "\u{10330}\u{10331}",
  "\u{2a6d0}aaaaaaaaaa",
  "aaaaaaaaaaaaaaaaaaaa\u00fc",
  "\u00fcaaaaaaaaaaaaaaaaaaaa",
  "\u03b1\u03b2\u03b3",
  "\u043c\u043e\u0441\u043a\u0432\u0430",
  "\u05d0\u05d1",
  "\u05d01",
  "\u05d0\u0661",
  "\u0627\u0628",
  "\u06271\u0628",
  "\u0e44\u0e17\u0e22",
  "\u0939\u093f\u0928\u094d\u0926\u0940",
  "\u00e9\u00e8\u00ea\u00eb",
  "\u1e00\u1e01",
  "\u1f00",
  "\uac00\uac01\uac02\uac03",
  "x\u{16a0}y",
];

/** Labels that are none: what begins or ends as no label may, what is written from right to left and left to right, and what is not in normal form. */
const NO_LABELS = [
  "\u05d0a",
  "a\u05d0",
  "1\u05d0",
  "\u05d01\u0661",
  "\u0661\u05d0",
  "\u05d0-",
  "\u0300a",
  "\u0903a",
  "\u2028",
  "\ue000",
  "\ufffd",
  "a\u200ea",
  "\u2488",
  "\u{e0001}",
  "\ud7fb\u0000",
];

/** A-labels that stand for nothing that may be one. */
const NO_A_LABELS = [
  "xn--",
  "xn--a",
  "xn--a-",
  "xn--abc-",
  "xn---",
  "xn--99999999",
  "xn--zzzzzzzzzzzzzz",
  "xn--9999999b",
  "xn--BCHER-KVA-",
  "xn--bcher-kv",
  "xn--mnchen-3y",
  "xn--mnchen-3ya_",
  "xn--0",
  "xn--a-0",
  "xn--zn7c",
  "xn--nxa-",
];

/** Octets that a local part has in each of the lengths of UTF-8, at the border of 64. */
const LOCALS: readonly (readonly [key: string, text: string, isValid: boolean])[] = [
  ["two-64", "\u00fc".repeat(32), true],
  ["two-66", "\u00fc".repeat(33), false],
  ["two-65", `${"\u00fc".repeat(32)}a`, false],
  ["two-last-64", "\u07ff".repeat(32), true],
  ["three-first-64", `${"\u0800".repeat(21)}a`, true],
  ["three-first-66", "\u0800".repeat(22), false],
  ["three-last-64", `${"\uffee".repeat(21)}a`, true],
  ["three-last-65", `${"\uffee".repeat(21)}aa`, false],
  ["four-64", "\u{10000}".repeat(16), true],
  ["four-65", `${"\u{10000}".repeat(16)}a`, false],
  ["four-68", "\u{1f600}".repeat(17), false],
  ["mixed-64", `a\u00fc\u4e00\u{20000}${"b".repeat(54)}`, true],
  ["mixed-65", `a\u00fc\u4e00\u{20000}${"b".repeat(55)}`, false],
];

/** Paths of exactly so many octets, the brackets counted. RFC 5321 4.5.3.1.3 */
function pathOf(octets: number): string {
  const local = "a".repeat(60);
  const rest = octets - local.length - 3;
  const label = "b".repeat(56);
  const [labels, end] = [`${label}.${label}.${label}.`, ".example"];
  return `<${local}@${labels}${"c".repeat(rest - labels.length - end.length)}${end}>`;
}

/** Source routes before a mailbox, which are read and dropped. RFC 5321 4.1.2, appendix C */
const ROUTES: readonly (readonly [key: string, text: string, isValid: boolean])[] = [
  ["one", "<@a.example:ann@example.com>", true],
  ["two", "<@a.example,@b.example:ann@example.com>", true],
  ["literal", "<@[192.0.2.1]:ann@example.com>", true],
  ["literal-ip6", "<@[IPv6:2001:db8::1],@b.example:ann@example.com>", true],
  ["upper", "<@A.Example:ann@example.com>", true],
  ["no-at", "<a.example:ann@example.com>", false],
  ["second-no-at", "<@a.example,b.example:ann@example.com>", false],
  ["no-colon", "<@a.example ann@example.com>", false],
  ["colon-first", "<:ann@example.com>", false],
  ["empty", "<@:ann@example.com>", false],
  ["comma-last", "<@a.example,:ann@example.com>", false],
  ["comma-first", "<,@a.example:ann@example.com>", false],
  ["space", "<@a.example, @b.example:ann@example.com>", false],
  ["name", "<@a_b.example:ann@example.com>", false],
  ["literal-open", "<@[192.0.2.1:ann@example.com>", false],
  ["literal-wrong", "<@[192.0.2.256]:ann@example.com>", false],
  ["alone", "<@a.example>", false],
  ["colon-alone", "<@a.example:>", false],
];

/** Names of domains in every script, and lengths at their borders. */
export function addressNames(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "names",
    description: "Domains in other scripts, local parts and paths at the borders of their lengths, source routes",
    op: "address.domain",
    spec: ["RFC5891#4"],
  });
  for (const [at, label] of LABELS.entries()) {
    const text = `${label}.example`;
    const ascii = domainToASCII(text);
    if (ascii === "") throw new Error(`no domain: ${text}`);
    const value = { ascii, unicode: domainToUnicode(ascii) };
    const key = String(at + 1).padStart(2, "0");
    topic.valid(`unicode.${key}`, `The domain ${JSON.stringify(text)}`, text, value);
    topic.valid(`ascii.${key}`, `The domain ${ascii}`, ascii, value);
    topic.valid(`below.${key}`, `The domain a.${text}`, `a.${text}`, { ascii: `a.${ascii}` });
  }
  const more = { flags: ["Internationalized"] };
  for (const [at, label] of NO_LABELS.entries()) {
    const key = String(at + 1).padStart(2, "0");
    topic.invalid(`none.${key}`, `No domain: ${JSON.stringify(label)}`, `${label}.example`, "no U-label", more);
  }
  for (const [at, label] of NO_A_LABELS.entries()) {
    const key = String(at + 1).padStart(2, "0");
    topic.invalid(`none-ascii.${key}`, `No domain: ${label}`, `${label}.example`, "no A-label", more);
  }
  for (const [key, local, isValid] of LOCALS) {
    const text = `${local}@example.com`;
    const options = { op: "address.mailbox", spec: ["RFC5321#4.5.3.1.1", "RFC6531#3.3"] };
    if (isValid) topic.valid(`local.${key}`, `A local part of 64 octets: ${key}`, text, { local, utf8: true }, options);
    else
      topic.invalid(`local.${key}`, `A local part of more than 64 octets: ${key}`, text, "longer than 64 octets", {
        ...options,
        ...more,
      });
  }
  for (const octets of [250, 255, 256, 257]) {
    const options = { op: "address.path", spec: ["RFC5321#4.5.3.1.3"], params: { kind: "forward" } };
    const text = pathOf(octets);
    if (octets <= 256)
      topic.valid(`path.${octets}`, `A path of ${octets} octets`, text, { address: text.slice(1, -1) }, options);
    else
      topic.invalid(`path.${octets}`, `A path of ${octets} octets`, text, "longer than 256 octets", {
        ...options,
        ...more,
      });
  }
  for (const kind of ["forward", "reverse"])
    for (const [key, text, isValid] of ROUTES) {
      const options = { op: "address.path", spec: ["RFC5321#4.1.2"], params: { kind } };
      if (isValid)
        topic.valid(
          `route.${kind}.${key}`,
          `A path with a route: ${text}`,
          text,
          { address: "ann@example.com" },
          options,
        );
      else
        topic.invalid(`route.${kind}.${key}`, `A path with a route that is wrong: ${text}`, text, "no route", {
          ...options,
          flags: ["RouteInLocalPart"],
        });
    }
}
