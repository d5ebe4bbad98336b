import { addSpf } from "./spf-case.ts";
import type { Library } from "./topic.ts";

/** What an include comes to by what the included record does. RFC 7208 5.2 */
const INCLUDED: readonly (readonly [key: string, record: string | undefined, word: string])[] = [
  ["pass", "v=spf1 +all", "pass"],
  ["fail", "v=spf1 -all", "softfail"],
  ["softfail", "v=spf1 ~all", "softfail"],
  ["neutral", "v=spf1 ?all", "softfail"],
  ["empty", "v=spf1", "softfail"],
  ["malformed", "v=spf1 odd", "permerror"],
  ["none", undefined, "permerror"],
  ["other", "something", "permerror"],
];

/** Macros, and the name that they make for 192.0.2.3, strong-bad@email.example.com. RFC 7208 7.4 */
const MACROS: readonly (readonly [macro: string, name: string])[] = [
  ["%{s}", "strong-bad@email.example.com"],
  ["%{o}", "email.example.com"],
  ["%{d}", "email.example.com"],
  ["%{d4}", "email.example.com"],
  ["%{d3}", "email.example.com"],
  ["%{d2}", "example.com"],
  ["%{d1}", "com"],
  ["%{dr}", "com.example.email"],
  ["%{d2r}", "example.email"],
  ["%{l}", "strong-bad"],
  ["%{l-}", "strong.bad"],
  ["%{lr}", "strong-bad"],
  ["%{lr-}", "bad.strong"],
  ["%{l1r-}", "strong"],
  ["%{i}", "192.0.2.3"],
  ["%{ir}", "3.2.0.192"],
  ["%{v}", "in-addr"],
  ["%{h}", "mx.example.org"],
  ["%{ir}.%{v}", "3.2.0.192.in-addr"],
  ["%{lr-}.lp", "bad.strong.lp"],
  ["%{i2}", "2.3"],
  ["%{D}", "email.example.com"],
  ["a%%b", "a%b"],
  ["%{h2}", "example.org"],
];

export function spfFollowing(library: Library): void {
  const topic = library.topic({
    area: "spf",
    topic: "following",
    description: "Includes, redirects and macros",
    op: "spf.check",
    spec: ["RFC7208#5.2"],
  });
  for (const [key, record, word] of INCLUDED) {
    const names = record === undefined ? {} : { "b.example.com": { TXT: [record] } };
    addSpf(
      topic,
      `include.${key}`,
      `An include of a record that comes to ${key}`,
      "v=spf1 include:b.example.com ~all",
      word,
      names,
    );
    const redirected =
      { pass: "pass", fail: "fail", softfail: "softfail", neutral: "neutral", empty: "neutral" }[key] ?? "permerror";
    addSpf(
      topic,
      `redirect.${key}`,
      `A redirect to a record that comes to ${key}`,
      "v=spf1 redirect=b.example.com",
      redirected,
      names,
      {},
      { spec: ["RFC7208#6.1"] },
    );
    addSpf(
      topic,
      `redirect-all.${key}`,
      "A redirect behind all is not followed",
      "v=spf1 redirect=b.example.com -all",
      "fail",
      names,
      {},
      { spec: ["RFC7208#6.1"] },
    );
  }
  for (const [at, [macro, name]] of MACROS.entries()) {
    const asked = { ip: "192.0.2.3", mailFrom: "strong-bad@email.example.com", helo: "mx.example.org" };
    const zone = {
      "email.example.com": { TXT: [`v=spf1 exists:${macro}.m.example.com -all`] },
      [`${name}.m.example.com`]: { A: ["127.0.0.2"] },
    };
    topic.word(
      `macro.${String(at + 1).padStart(2, "0")}`,
      `The macro ${macro} makes ${name}`,
      `v=spf1 exists:${macro}.m.example.com -all`,
      { result: "pass" },
      { params: { ...asked, zone }, spec: ["RFC7208#7"], flags: ["SpfMacro"] },
    );
  }
  const six = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
  const asked = { ip: "2001:db8::cb01", mailFrom: "strong-bad@email.example.com", helo: "mx.example.org" };
  const zone = {
    "email.example.com": { TXT: ["v=spf1 exists:%{ir}.%{v}.m.example.com -all"] },
    [`${six}.ip6.m.example.com`]: { A: ["127.0.0.2"] },
  };
  topic.word(
    "macro.ip6",
    "The macro i of an IPv6 address",
    "v=spf1 exists:%{ir}.%{v}.m.example.com -all",
    { result: "pass" },
    { params: { ...asked, zone }, spec: ["RFC7208#7.4"], flags: ["SpfMacro"] },
  );
}
