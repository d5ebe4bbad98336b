import assert from "node:assert/strict";
import { type Part, partsOf } from "@scop/mime";

/** Spans of every part lie in those of its parent, in order. */
export function assertSpans(root: Part, octets: number): void {
  for (const part of partsOf(root)) {
    assert.ok(part.headerOffset <= part.bodyOffset && part.bodyOffset <= part.end && part.end <= octets);
    let at = part.bodyOffset;
    for (const child of part.children) {
      assert.ok(child.headerOffset >= at && child.end <= part.end);
      at = child.end;
    }
    for (const field of part.header) {
      assert.ok(field.offset >= part.headerOffset && field.offset + field.length <= part.bodyOffset);
    }
  }
}
