import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { formatFilePart, readFilePart } from "../../src/federation/multipart.ts";

const TYPE = "multipart/mixed; boundary=b";
const HEAD = "--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nContent-Type: text/plain\r\n\r\n";

async function* pieces(text: string, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const octets = latin1Bytes(text);
  let at = 0;
  for (const size of sizes) {
    yield octets.subarray(at, at + size);
    at += size;
  }
  yield octets.subarray(at);
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return latin1(concat(found));
}

describe("an answer of two parts", () => {
  it("is read as it was written, however it is split", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "-", "b") });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat({ max: 9 }), { maxLength: 40 }), async (file, sizes) => {
        const written = await all(formatFilePart({ "Content-Type": "a/b" }, pieces(file), "c"));
        const part = await readFilePart('multipart/mixed; boundary="c"', pieces(written, sizes));
        assert.deepEqual([part?.contentType, part?.isElsewhere], ["a/b", false]);
        assert.equal(await all(part!.chunks), file);
      }),
    );
  });

  it("may have something before it and after it, and say that a file is elsewhere", async () => {
    const part = await readFilePart(`Multipart/Mixed;Boundary="b"`, pieces(`before\r\n${HEAD}x\r\n--b--\r\nafter`));
    assert.equal(await all(part!.chunks), "x");
    const moved = HEAD.replace("Content-Type: text/plain", "location: https://cdn.test/x");
    assert.equal((await readFilePart(TYPE, pieces(`${moved}\r\n--b--`)))?.isElsewhere, true);
  });

  const others: readonly (readonly [string, string, string])[] = [
    ["no type", "", HEAD],
    ["another type", "text/plain", HEAD],
    ["no boundary", "multipart/mixed", HEAD],
    ["an empty boundary", "multipart/mixed; boundary=", HEAD],
    ["too long a boundary", `multipart/mixed; boundary=${"b".repeat(71)}`, HEAD],
    ["another boundary", "multipart/mixed; boundary=c", HEAD],
    ["nothing", TYPE, ""],
    ["one part", TYPE, "--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--\r\n"],
    ["a head without end", TYPE, `${HEAD.slice(0, -4)}${"x".repeat(20_000)}`],
  ];
  for (const [what, type, text] of others) {
    it(`is none with ${what}`, async () => {
      assert.equal(await readFilePart(type, pieces(text)), undefined);
    });
  }

  it("that breaks off is an error", async () => {
    const part = await readFilePart(TYPE, pieces(`${HEAD}some of it`));
    await assert.rejects(all(part!.chunks), /breaks off/);
  });
});

test("who reads no further lets go of what comes", async () => {
  let isOver = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      yield latin1Bytes(HEAD);
      for (;;) yield latin1Bytes("x".repeat(1_000));
    } finally {
      isOver = true;
    }
  }
  for await (const _chunk of (await readFilePart(TYPE, endless()))!.chunks) break;
  assert.equal(isOver, true);
});
