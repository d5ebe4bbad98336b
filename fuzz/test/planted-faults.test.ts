import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { changed } from "@scop/fuzz";
import { FAULTS } from "../planted/faults.ts";
import { TARGETS } from "../targets/index.ts";

const PACKAGES = new URL("../../packages/", import.meta.url);

test("each fault can be planted in the sources as they are, and its target is there", () => {
  assert.ok(FAULTS.length >= 30, `${FAULTS.length} faults`);
  assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length, "names are different");
  for (const fault of FAULTS) {
    const url = new URL(fault.file, PACKAGES);
    assert.ok(existsSync(url), fault.file);
    const text = readFileSync(url, "utf8");
    assert.notEqual(changed(text, url.href, [fault]), text, fault.name);
    assert.ok(fault.target in TARGETS, fault.target);
  }
});

test("a fault whose text is gone, or stands twice, is refused by name", () => {
  const change = { file: "a.ts", from: "x", to: "y" };
  assert.throws(() => changed("z", "file:///a.ts", [change]), /a\.ts has 0 times, not once: x/);
  assert.throws(() => changed("xx", "file:///a.ts", [change]), /a\.ts has 2 times/);
  assert.equal(changed("xx", "file:///b.ts", [change]), "xx");
});
