import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { verifyDkimAndArc, wholeMessage } from "@scop/dkim/run";
import { options, type TestZone, world } from "./world.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = resolve(root, process.env["SCOP_SUITES"] ?? "../shared/suites", "eml");
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap(entry =>
      entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
    )
  : [];
const skip = files.length === 0 ? "the suite `eml` is not there (SCOP_SUITES)" : false;

const NO_KEY = "permerror: The domain publishes no key under this selector.";
/** What becomes of the signed messages of the suite where nothing is published. */
const SIGNED: Readonly<Record<string, readonly string[]>> = {
  "resources__eml__thirdparty__015.eml": [NO_KEY, NO_KEY],
  "spec__fixtures__emails__error_emails__empty_group_lists.eml": [NO_KEY],
  "spec__fixtures__emails__error_emails__empty_in_reply_to.eml": [NO_KEY],
  "testdata__mail__ctype-bug.raw": ["fail: The signature uses SHA-1, which proves nothing any more.", NO_KEY],
};

test("real messages have verdicts, and those that are signed a reason", { skip }, async () => {
  const found: Record<string, readonly string[]> = {};
  const zone: TestZone = new Map();
  for (const file of files) {
    const { dkim, arc } = await verifyDkimAndArc(world(zone), wholeMessage(readFileSync(file)), options());
    assert.notEqual(arc.result, "pass");
    for (const verdict of dkim) assert.notEqual(verdict.result, "pass");
    if (dkim[0]?.result !== "none") found[basename(file)] = dkim.map(verdict => `${verdict.result}: ${verdict.reason}`);
  }
  assert.deepEqual(found, SIGNED);
});
