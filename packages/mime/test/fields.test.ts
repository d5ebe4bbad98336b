import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "@scop/address";
import {
  addressOfClause,
  contentDescriptionOf,
  contentIdOf,
  contentLanguagesOf,
  contentLocationOf,
  listFieldOf,
  listIdOf,
  parseAuthenticationResults,
  parseReceived,
  resentBlocks,
} from "@scop/mime";
import fc from "fast-check";
import { codes, message } from "./helpers.ts";

/** A Received field has these clauses, this date and these findings. */
const received: readonly (readonly [
  value: string,
  clauses: Readonly<Record<string, readonly [value: string, comment?: string]>>,
  date: string | undefined,
  codes?: readonly string[],
])[] = [
  [
    "from a.example (b.example [192.0.2.1]) by mx.example (Postfix) with ESMTPS id 4Xy for <c@d.example>; Mon, 23 Nov 2026 10:00:00 +0100 (CET)",
    {
      from: ["a.example", "b.example [192.0.2.1]"],
      by: ["mx.example", "Postfix"],
      with: ["ESMTPS"],
      id: ["4Xy"],
      for: ["c@d.example"],
    },
    "2026-11-23T09:00:00.000Z",
  ],
  [
    "by mx.example with Microsoft SMTP Server (version=TLS1_2, cipher=(x)) id 15.1;\r\n Mon, 23 Nov 2026 10:00:00 GMT",
    { by: ["mx.example"], with: ["Microsoft SMTP Server", "version=TLS1_2, cipher=(x)"], id: ["15.1"] },
    "2026-11-23T10:00:00.000Z",
  ],
  ["from by by with; 23 Nov 2026 10:00 GMT", { from: ["by"], by: ["with"] }, "2026-11-23T10:00:00.000Z"],
  ["(qmail 1 invoked by uid 2); 23 Nov 2026 10:00:00 -0000", {}, "2026-11-23T10:00:00.000Z", ["received-by-missing"]],
  ["FROM a BY b VIA tcp", { from: ["a"], by: ["b"], via: ["tcp"] }, undefined, ["received-date-missing"]],
  ["by a by b; 23 Nov 2026 10:00 GMT", { by: ["a"] }, "2026-11-23T10:00:00.000Z", ["received-duplicate-clause"]],
  [
    'from "a b" by c for "x y"@z; no date',
    { from: ["a b"], by: ["c"], for: ["x y@z"] },
    undefined,
    ["received-date-missing"],
  ],
  ["", {}, undefined, ["received-by-missing", "received-date-missing"]],
];

for (const [value, clauses, date, found = []] of received) {
  test(`the Received field ${value.slice(0, 60)}`, () => {
    const read = message(`Received: ${value.replaceAll("\r\n", "\n")}\n\n`);
    const parsed = parseReceived(read.bytes, read.header[0]!);
    const expected = Object.entries(clauses).map(([name, [text, comment = ""]]) => [name, { value: text, comment }]);
    assert.deepEqual([...parsed.clauses], expected);
    assert.equal(parsed.date === undefined ? undefined : new Date(parsed.date.instant).toISOString(), date);
    assert.deepEqual(codes(parsed.diagnostics), found);
  });
}

const literals: readonly (readonly [value: string, comment: string, address: string | undefined])[] = [
  ["[198.51.100.1]", "a [192.0.2.1]", "192.0.2.1"],
  ["[IPv6:2001:db8::1]", "", "2001:db8::1"],
  ["a.example", "none", undefined],
  ["a.example", "] x [", undefined],
];

for (const [value, comment, address] of literals) {
  test(`the address of the clause ${value} (${comment})`, () => {
    assert.equal(addressOfClause({ value, comment }), address);
    if (address !== undefined) assert.ok(parseIp(address).ok);
  });
}

interface Results {
  readonly server: string;
  readonly results: readonly unknown[];
  readonly codes?: readonly string[];
}

const authentication: readonly (readonly [value: string, results: Results])[] = [
  ["mx.example; none", { server: "mx.example", results: [] }],
  ["mx.example 1; none", { server: "mx.example", results: [] }],
  [
    'mx.example; spf=pass smtp.mailfrom=a@b.example; dkim=FAIL (bad signature) reason="no key" header.d=b.example header.b=ab/c=',
    {
      server: "mx.example",
      results: [
        ["spf", 1, "pass", undefined, "", ["smtp.mailfrom=a@b.example"]],
        ["dkim", 1, "fail", "no key", "bad signature", ["header.d=b.example", "header.b=ab/c="]],
      ],
    },
  ],
  [
    '(c) mx.example (d) ; (e) dkim (f) / (g) 1 (h) = pass policy . rule = "a b"@c',
    { server: "mx.example", results: [["dkim", 1, "pass", undefined, "e f g h", ["policy.rule=a b@c"]]] },
  ],
  [
    "mx.example; spf; dmarc=none; =x",
    {
      server: "mx.example",
      results: [["dmarc", 1, "none", undefined, "", []]],
      codes: ["authentication-results-malformed", "authentication-results-malformed"],
    },
  ],
  [
    "mx.example; spf=pass junk here; dkim=none",
    {
      server: "mx.example",
      results: [
        ["spf", 1, "pass", undefined, "", []],
        ["dkim", 1, "none", undefined, "", []],
      ],
      codes: ["authentication-results-malformed"],
    },
  ],
  ["", { server: "", results: [], codes: ["authentication-results-malformed"] }],
];

for (const [value, expected] of authentication) {
  test(`the Authentication-Results ${JSON.stringify(value.slice(0, 60))}`, () => {
    const read = message(`Authentication-Results: ${value}\n\n`);
    const { server, results, diagnostics } = parseAuthenticationResults(read.bytes, read.header[0]!);
    assert.equal(server, expected.server);
    const shown = results.map(({ method, version, result, reason, comment, properties }) => [
      method,
      version,
      result,
      reason,
      comment,
      properties.map(({ type, name, value: text }) => `${type}.${name}=${text}`),
    ]);
    assert.deepEqual(shown, expected.results);
    assert.deepEqual(codes(diagnostics), expected.codes ?? []);
  });
}

test("results end at the limit of parameters", () => {
  const read = message(`Authentication-Results: mx.example${"; a=b c.d=e".repeat(1000)}\n\n`);
  const { results, diagnostics } = parseAuthenticationResults(read.bytes, read.header[0]!);
  assert.equal(results.length, 500);
  assert.deepEqual(codes(diagnostics), ["parameters-limit"]);
  const junk = message(`Authentication-Results: mx.example${"; a".repeat(5000)}\n\n`);
  assert.equal(parseAuthenticationResults(junk.bytes, junk.header[0]!).diagnostics.length, 1001);
});

const lists: readonly (readonly [value: string, urls: readonly string[], isNo?: true])[] = [
  ["<mailto:a@b.example>", ["mailto:a@b.example"]],
  ["<mailto:a@b.example> (by mail), <https://b.example/x\n y>", ["mailto:a@b.example", "https://b.example/xy"]],
  ["NO (closed)", [], true],
  ["no", [], true],
  ["https://b.example", []],
  ["(<https://c.example>) <https://d.example", ["https://d.example"]],
  ["<>", []],
];

for (const [value, urls, isNo] of lists) {
  test(`the List-Post ${JSON.stringify(value)}`, () => {
    assert.deepEqual(listFieldOf(message(`List-Post: ${value}\n\n`), "list-post"), { urls, isNo: isNo === true });
  });
}

test("a List field has a hundred addresses at most, and none where there is no field", () => {
  const read = message(`List-Help: ${"<a:b>,".repeat(500)}\n\n`);
  assert.equal(listFieldOf(read, "List-Help")?.urls.length, 100);
  assert.equal(listFieldOf(read, "list-post"), undefined);
});

const ids: readonly (readonly [value: string, id: string | undefined, description?: string])[] = [
  ["<List.Example.COM>", "list.example.com", ""],
  ['"A <b> list" <a.example>', "a.example", "A <b> list"],
  ["=?utf-8?Q?Gr=C3=BCne?= <g.example>", "g.example", "Grüne"],
  ["a.example", "a.example", ""],
  ["", undefined],
];

for (const [value, id, description] of ids) {
  test(`the List-Id ${JSON.stringify(value)}`, () => {
    assert.deepEqual(listIdOf(message(`List-Id: ${value}\n\n`)), id === undefined ? undefined : { id, description });
  });
}

test("fields of a message that was sent again come in blocks, the last time first", () => {
  const read = message(
    "Resent-From: c\nResent-Date: c\nReceived: x\nResent-From: b\nResent-To: b\nResent-From: a\nSubject: s\nResent-Cc: a\n\n",
  );
  assert.deepEqual(
    resentBlocks(read.header).map(block => block.map(field => `${field.lowerName} ${field.offset}`)),
    [
      ["resent-from 0", "resent-date 16"],
      ["resent-from 45", "resent-to 61"],
      ["resent-from 75", "resent-cc 103"],
    ],
  );
});

test("what a part says of its content", () => {
  const read = message(
    "Content-ID: <a@b>\nContent-Description: =?utf-8?Q?=C3=A9?=\nContent-Language: de, en-GB (c), \nContent-Location: a\n b.html\n\n",
  );
  assert.equal(contentIdOf(read, read.root), "a@b");
  assert.equal(contentDescriptionOf(read, read.root), "é");
  assert.deepEqual(contentLanguagesOf(read, read.root), ["de", "en-GB"]);
  assert.equal(contentLocationOf(read, read.root), "ab.html");
  const bare = message("X: y\n\n");
  assert.equal(
    contentIdOf(bare, bare.root) ?? contentDescriptionOf(bare, bare.root) ?? contentLocationOf(bare, bare.root),
    undefined,
  );
  assert.deepEqual(contentLanguagesOf(bare, bare.root), []);
});

test("no value throws", () => {
  const piece = fc.constantFrom(
    "from ",
    "by ",
    ";",
    "(",
    ")",
    '"',
    "\\",
    "<",
    ">",
    "a=b",
    " ",
    ".",
    "=",
    "[",
    "]",
    "\n ",
    "\0",
    "é",
    "/1",
    "none",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      const read = message(`A: ${pieces.join("").replaceAll("\n\n", "")}x\n\n`);
      const field = read.header[0]!;
      parseReceived(read.bytes, field);
      parseAuthenticationResults(read.bytes, field);
      listFieldOf(read, "a");
      listIdOf({ bytes: read.bytes, header: [{ ...field, lowerName: "list-id" }] });
    }),
    { numRuns: 3000 },
  );
});
