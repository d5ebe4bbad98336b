import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, EVENT_JSON, parseJson } from "@scop/matrix/json";

test("README example", () => {
  const content = parseJson(new TextEncoder().encode('{ "b": 1, "a": "\\u00e9" }'), EVENT_JSON);
  assert.ok(content.ok);
  assert.equal(new TextDecoder().decode(canonicalJson(content.value)), '{"a":"é","b":1}');
  assert.equal(parseJson(new TextEncoder().encode('{"a":1.5}'), EVENT_JSON).ok, false);
});
