import {
  addressKey,
  formatMailbox,
  formatPath,
  type Mailbox,
  parseAddressList,
  parseForwardPath,
  parseMailbox,
  parseMailto,
  parseReversePath,
  splitTag,
  strictMailbox,
} from "@scop/address";
import type { Grammar } from "@scop/fuzz";
import { check, checkDiagnostics, checkOneLine, same, textOf } from "./properties.ts";

export const about = "an address that was read is written and read as the same one, and none holds a line break";
export const seeds: readonly string[] = [
  "a@example.org",
  '"a b\\"c"@example.org',
  "a+tag@[IPv6:2001:db8::1]",
  "<@a.example,@b.example:c@example.org> SIZE=1",
  'Ann (Bob) <a@example.org>, g: b@example.org, "c, d" <c@[192.0.2.1]>;, é@bücher.example',
  "mailto:a%2Bb@example.org?subject=x",
  "<Postmaster>",
];
export const grammar: Grammar = {
  list: ["{address}", "{address},{list}", "{address}{blank},{blank}{list}"],
  address: [
    "{spec}",
    "{phrase}<{spec}>",
    "<@{domain},@{domain}:{spec}>",
    "{phrase}:{list};",
    "mailto:{spec}",
    "<>",
    "<Postmaster>",
  ],
  spec: ["{local}@{domain}", "{local}{blank}@{blank}{domain}", "{local}"],
  local: [
    "{atom}",
    "{atom}.{local}",
    '"{quoted}"',
    "{atom}+{atom}",
    "{atom}%{domain}",
    "{domain}!{atom}",
    "=?utf-8?q?{atom}?=",
  ],
  phrase: ["{atom} ", '"{quoted}" ', "{atom} {phrase}", "=?utf-8?B?YQ==?= ", ""],
  quoted: ["{atom}", "\\\\{atom}", '\\"', " {quoted}", "@{quoted}", "{atom},{quoted}", "\t", "\0"],
  domain: [
    "example.org",
    "{label}.{domain}",
    "[192.0.2.1]",
    "[IPv6:{hex}::{hex}]",
    "[IPv6:::ffff:192.0.2.1]",
    "{label}",
    "1.2.3.4",
  ],
  label: ["a", "xn--bcher-kva", "bücher", "ß", "a-b", "-a", "１", "א", "\u200d", "{label}{label}", "faß", "K"],
  hex: ["0", "db8", "ffff", "{hex}:{hex}"],
  atom: ["a", "é", "1", "{atom}{atom}", "!#$%&'*+-/=?^_`{{|}~", "\u0301"],
  blank: ["", " ", "\r\n ", "({atom})", "((){blank})", "(\\))", "\t"],
};

export function fuzz(data: Uint8Array): void {
  const text = textOf(data);
  const mailbox = parseMailbox(text);
  if (mailbox.ok) checkMailbox(mailbox.value);
  const forward = parseForwardPath(text);
  if (forward.ok) {
    const written = formatPath(forward.value.path);
    checkOneLine(written, "a path");
    const again = parseForwardPath(written);
    check(again.ok, "a written path is read");
    if (again.ok) same(again.value.path, forward.value.path, "a path is the same after writing and reading");
  }
  const reverse = parseReversePath(text);
  if (reverse.ok) checkOneLine(formatPath(reverse.value.path), "a path");
  const mailto = parseMailto(text);
  if (mailto) checkMailbox(mailto);
  const list = parseAddressList(data);
  checkDiagnostics(list.diagnostics, data.length);
  for (const each of list.addresses) {
    check(each.offset >= 0 && each.offset + each.length <= data.length, "an address lies in the field");
    for (const received of each.kind === "group" ? each.members : [each]) {
      const strict = strictMailbox(received);
      if (strict.ok) checkMailbox(strict.value);
    }
  }
}

function checkMailbox(mailbox: Mailbox): void {
  const written = formatMailbox(mailbox);
  checkOneLine(written, "an address");
  const again = parseMailbox(written);
  check(again.ok, `what is written as an address is one: ${written}`);
  if (again.ok) same(again.value, mailbox, "an address is the same after writing and reading");
  checkOneLine(addressKey(mailbox), "a key");
  const { base, tag } = splitTag(mailbox.localPart);
  check(tag === undefined ? base === mailbox.localPart : `${base}+${tag}` === mailbox.localPart, "a tag is split off");
}
