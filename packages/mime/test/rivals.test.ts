import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressesOf,
  checkMessage,
  decodePartBytes,
  dispositionOf,
  fields,
  fieldText,
  fileNameOf,
  firstField,
  type Message,
  mailboxesOf,
  parameter,
  parseMessage,
  partBytes,
  partsOf,
  partText,
  subjectOf,
} from "@scop/mime";
import { latin1, latin1Bytes } from "@scop/wire";
import { body, codes, message, outline } from "./helpers.ts";

function from(of: Message): readonly string[] {
  return mailboxesOf(addressesOf(of, "from").addresses).map(each => `${each.localPart}@${each.domain}`);
}

/** What other parsers get wrong, a message of it, and what we answer. `docs/differences.md` says who. */
const rows: readonly (readonly [what: string, text: string, check: (found: Message) => void])[] = [
  [
    "a part without a header and without a blank line",
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\ntwo\n--b--\n",
    found => {
      assert.equal(outline(found.root), "multipart/mixed(text/plain text/plain)");
      assert.ok(codes(found.diagnostics).includes("header-not-ended"));
    },
  ],
  [
    "base64 whose length is no multiple of four",
    "Content-Transfer-Encoding: base64\n\nQUJDR\n",
    found => {
      const { value, diagnostics } = decodePartBytes(found, found.root);
      assert.deepEqual([latin1(value), codes(diagnostics)], ["ABC", ["base64-cut"]]);
    },
  ],
  [
    "base64 with junk in it",
    "Content-Transfer-Encoding: base64\n\nQU!JD\n",
    found => {
      const { value, diagnostics } = decodePartBytes(found, found.root);
      assert.deepEqual([latin1(value), codes(diagnostics)], ["ABC", ["base64-junk"]]);
    },
  ],
  [
    "a multipart without a boundary",
    "Content-Type: multipart/mixed\n\n--b\n\ntext\n--b--\n",
    found => {
      assert.equal(body(found, found.root), "--b\n\ntext\n--b--\n");
      assert.ok(codes(found.diagnostics).includes("boundary-missing"));
    },
  ],
  [
    "UTF-8 that was not encoded, in a field and in a file name",
    'Subject: Gr\xc3\xbc\xc3\x9fe\nContent-Disposition: attachment; filename="\xe7\xae\xa1.doc"\n\n',
    found => assert.deepEqual([subjectOf(found), fileNameOf(found, found.root)], ["Grüße", "管.doc"]),
  ],
  [
    "message/delivery-status",
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\nAction: failed\n",
    found => assert.equal(outline(found.root), "message/delivery-status"),
  ],
  [
    "a message within that is encoded",
    "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg0KDQo=\n",
    found => {
      assert.equal(latin1(partBytes(found, found.root)), "A: b\r\n\r\n");
      assert.ok(codes(found.diagnostics).includes("encoded-composite"));
    },
  ],
  [
    "two From fields",
    "From: a@example.com\nFrom: b@example.net\n\n",
    found => {
      assert.deepEqual(from(found), ["a@example.com"]);
      assert.equal(fields(found.header, "from").length, 2);
      assert.ok(codes(found.diagnostics).includes("duplicate-field"));
    },
  ],
  [
    "two Content-Type fields",
    "Content-Type: text/html\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--\n",
    found => {
      assert.equal(outline(found.root), "text/html");
      assert.ok(codes(found.diagnostics).includes("duplicate-field"));
    },
  ],
  [
    "line ends within an encoded-word",
    "Subject: =?utf-8?Q?a=0D=0ABcc:_x?=\n\n",
    found => {
      assert.equal(subjectOf(found), "a  Bcc: x");
      assert.ok(codes(checkMessage(found)).includes("encoded-line-break"));
    },
  ],
  [
    "fields with the names of what objects have",
    "__proto__: a\nconstructor: b\ntoString: c\nhasOwnProperty: d\n\n",
    found => {
      const names = ["__proto__", "constructor", "tostring", "hasownproperty"];
      assert.equal(names.map(name => fieldText(found.bytes, firstField(found.header, name)!)).join(), "a,b,c,d");
    },
  ],
  [
    "parameters with the names of what objects have",
    "Content-Disposition: attachment; __proto__=a; constructor=b\n\n",
    found => {
      const { parameters } = dispositionOf(found, found.root)!;
      assert.deepEqual(
        parameters.map(each => [each.name, each.value]),
        [
          ["__proto__", "a"],
          ["constructor", "b"],
        ],
      );
    },
  ],
  [
    "an at-sign in a quoted local part",
    'From: "a@example.com"@evil.example\n\n',
    found => assert.deepEqual(from(found), ["a@example.com@evil.example"]),
  ],
  [
    "a line that begins with a boundary and goes on",
    "Content-Type: multipart/mixed; boundary=foo\n\n--foo\n\none\n--fooz\ntwo\n--foo--\n",
    found => assert.equal(body(found, found.root.children[0]!), "one\n--fooz\ntwo"),
  ],
  [
    "an outer boundary that begins with the inner one",
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nin\n--bb--\n--b\n\nout\n--b--\n",
    found => {
      assert.equal(outline(found.root), "multipart/mixed(multipart/mixed(text/plain) text/plain)");
      assert.equal(body(found, found.root.children[1]!), "out");
    },
  ],
  [
    "carriage returns alone as line ends",
    "From: a@example.com\rTo: b@example.net\r\r",
    found => {
      assert.equal(found.header.length, 1);
      assert.ok(codes(found.diagnostics).includes("bare-cr"));
    },
  ],
  [
    "a file name that is a path",
    'Content-Disposition: attachment; filename="../../etc/passwd"\n\n',
    found => assert.equal(fileNameOf(found, found.root), "passwd"),
  ],
  [
    "text in UTF-7",
    "Content-Type: text/plain; charset=utf-7\n\nA+-+AOQ-\n",
    found => assert.equal(partText(found, found.root), "A+ä\r\n"),
  ],
  [
    "a charset that nobody knows",
    "Content-Type: text/plain; charset=x-none\n\n\xe4\n",
    found => {
      assert.equal(partText(found, found.root), undefined);
      assert.equal(latin1(partBytes(found, found.root)), "\xe4\r\n");
      assert.ok(codes(checkMessage(found)).includes("unknown-charset"));
    },
  ],
  [
    "a section of RFC 2231 with a number of ten digits",
    "Content-Disposition: attachment; filename*2147483647*=a; filename=b\n\n",
    found => assert.equal(parameter(dispositionOf(found, found.root)!, "filename"), "b"),
  ],
  [
    "names that are a quoted empty string, and quotes that stand alone",
    'From: "" <a@example.com>, "\n\n',
    found => assert.equal(from(found)[0], "a@example.com"),
  ],
];

for (const [what, text, check] of rows) test(`what others get wrong: ${what}`, () => check(message(text)));

test("at a limit there is what was read so far, not an error alone", () => {
  const parts = "--b\r\n\r\na\r\n".repeat(100_000);
  const found = parseMessage(latin1Bytes(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`));
  assert.equal(partsOf(found.root).length, 10_000);
  assert.ok(codes(found.diagnostics).includes("parts-limit"));
});

test("a hundred thousand messages within each other end at the depth limit, without recursion", () => {
  const found = parseMessage(latin1Bytes("Content-Type: message/rfc822\r\n\r\n".repeat(100_000)));
  assert.equal(partsOf(found.root).length, 100);
  assert.ok(codes(found.diagnostics).includes("depth-limit"));
});
