import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AuthenticationResult,
  composeAuthenticationResults,
  parseAuthenticationResults,
  parseHeader,
} from "@scop/mime";
import { utf8Bytes } from "@scop/wire";
import fc from "fast-check";

function result(more: Partial<AuthenticationResult>): AuthenticationResult {
  return { method: "spf", version: 1, result: "pass", reason: undefined, comment: "", properties: [], ...more };
}

function read(field: string): ReturnType<typeof parseAuthenticationResults> {
  const header = parseHeader(utf8Bytes(`${field}\r\n`));
  assert.equal(header.header.length, 1, field);
  return parseAuthenticationResults(header.bytes, header.header[0]!);
}

test("results are written as RFC 8601 has them", () => {
  const field = composeAuthenticationResults("mx.a.test", [
    result({ properties: [{ type: "smtp", name: "mailfrom", value: "ann@b.test" }] }),
    result({ method: "dkim", result: "fail", reason: 'the "body" differs', comment: "2048 bits" }),
  ]);
  assert.equal(
    field,
    'Authentication-Results: mx.a.test; spf=pass smtp.mailfrom=ann@b.test;\r\n dkim=fail (2048 bits) reason="the \\"body\\" differs"\r\n',
  );
  assert.equal(composeAuthenticationResults("mx.a.test", []), "Authentication-Results: mx.a.test; none\r\n");
});

const word = fc.constantFrom("spf", "dkim", "x-y", "arc");
const value = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab .;()"\\@=/:,<>'), minLength: 1, maxLength: 20 }),
  fc.constantFrom("ann@b.test", "2001:db8::1", "a b"),
);
const plain = { noNullPrototype: true };
const results = fc.array(
  fc.record(
    {
      method: word,
      version: fc.constantFrom(1, 2),
      result: fc.constantFrom("pass", "fail", "none"),
      reason: fc.option(value, { nil: undefined }),
      comment: fc.constantFrom("", "key of 2048 bits"),
      properties: fc.array(fc.record({ type: fc.constantFrom("smtp", "header"), name: word, value }, plain), {
        maxLength: 4,
      }),
    },
    plain,
  ),
  { maxLength: 5 },
);

test("what is written is read as the same", () => {
  fc.assert(
    fc.property(results, given => {
      const { server, results: found, diagnostics } = read(composeAuthenticationResults("mx.a.test", given));
      assert.deepEqual([server, found, diagnostics], ["mx.a.test", given, []]);
    }),
  );
});

test("no value makes another line, result or server", () => {
  const pieces = ["\r\n", "\n", "\0", "; dkim=pass", '"', "\\", "(", ")", "\u00fc", "evil.test", "x".repeat(400), "\t"];
  const odd = fc.array(fc.constantFrom(...pieces)).map(parts => parts.join(""));
  fc.assert(
    fc.property(odd, odd, odd, (one, two, three) => {
      const given = [result({ reason: one, comment: two, properties: [{ type: "smtp", name: "helo", value: three }] })];
      const field = composeAuthenticationResults("mx.a.test", given);
      const { server, results: found } = read(field);
      assert.deepEqual([server, found.length, found[0]?.result], ["mx.a.test", 1, "pass"]);
      for (const line of field.split("\r\n")) assert.ok(line.length <= 998 && !/[\r\n\0]/.test(line));
    }),
  );
});
