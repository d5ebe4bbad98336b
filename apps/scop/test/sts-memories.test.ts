import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseStsPolicy, type StsMemory } from "@scop/tls-policy";
import { utf8Bytes } from "@scop/wire";
import { openStsMemories } from "../src/server/sts-memories.ts";

const root = mkdtempSync(join(tmpdir(), "scop-sts-"));
after(() => rmSync(root, { recursive: true, force: true }));

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

function memory(id: string): StsMemory {
  const read = parseStsPolicy(utf8Bytes("version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 86400\n"));
  assert.ok(read.ok);
  return { policy: { value: read.value, id, fetchedAt: NOW }, failedAt: undefined };
}

test("a policy outlasts the process, until its age is over", () => {
  const folder = join(root, "age");
  const long = [..."abcd", "example"].map(each => each.repeat(each.length === 1 ? 60 : 1)).join(".");
  const first = openStsMemories(folder, NOW);
  first.set("example.org", memory("1"));
  first.set("example.org", memory("2"));
  first.set(long, memory("3"));
  first.set("failed.example", { policy: undefined, failedAt: NOW });
  const second = openStsMemories(folder, NOW + DAY_MS - 1);
  assert.deepEqual(second.get("example.org"), memory("2"));
  assert.deepEqual(second.get("example.org"), memory("2"));
  assert.deepEqual(second.get(long), memory("3"));
  assert.equal(second.get("failed.example"), undefined);
  assert.equal(second.get("other.example"), undefined);
  assert.equal(openStsMemories(folder, NOW + DAY_MS).get("example.org"), undefined);
  assert.deepEqual(readdirSync(folder), []);
});

test("what is damaged, or stands under another name, is removed", () => {
  const folder = join(root, "damage");
  const memories = openStsMemories(folder, NOW);
  memories.set("example.org", memory("1"));
  const [name] = readdirSync(folder);
  for (const text of ["", "{", "[]", "null", '{"domain":"example.org","id":"1","fetchedAt":1,"policy":"mode: none"}']) {
    writeFileSync(join(folder, name!), text);
    assert.equal(openStsMemories(folder, NOW).get("example.org"), undefined);
    assert.deepEqual(readdirSync(folder), []);
  }
  memories.set("example.org", memory("2"));
  writeFileSync(join(folder, "other"), "x");
  assert.deepEqual(openStsMemories(folder, NOW).get("example.org"), memory("2"));
  assert.equal(readdirSync(folder).length, 1);
});

test("a folder that can't be written costs the place on disk alone", () => {
  const folder = join(root, "gone");
  const memories = openStsMemories(folder, NOW);
  rmSync(folder, { recursive: true });
  memories.set("example.org", memory("1"));
  assert.deepEqual(memories.get("example.org"), memory("1"));
});
