import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { userIdOf } from "@scop/matrix/arbitrary";
import {
  formatMxc,
  isMediaId,
  newUserId,
  parseEventId,
  parseMxc,
  parseRoomAlias,
  parseRoomId,
  parseUserId,
  serverNameParts,
} from "@scop/matrix/id";
import { parseServerName } from "@scop/matrix/resolve";
import type { Parsed } from "@scop/wire";
import fc from "fast-check";

/** What `read` makes of a value, or the code with its place. */
function said<T>(result: Parsed<T>, read: (value: T) => string): string {
  return result.ok ? read(result.value) : `${result.error.code} at ${result.error.offset}`;
}

describe("a user id of whatever age is read", () => {
  const rows: readonly (readonly [id: string, expected: string])[] = [
    ["@alice:example.com", "current alice of example.com"],
    ["@a.b=c_d-e/f+9:example.com:8448", "current a.b=c_d-e/f+9 of example.com:8448"],
    ["@a:[2001:db8::1]:80", "current a of [2001:db8::1]:80"],
    ["@Alice!~:example.com", "historical Alice!~ of example.com"],
    ["@:example.com", "other  of example.com"],
    ["@\u{1f600} b:example.com", "other \u{1f600} b of example.com"],
    ["alice:example.com", "id-sigil at 0"],
    ["", "id-sigil at 0"],
    ["@alice", "id-server at 6"],
    ["@alice:", "id-server at 7"],
    ["@alice:exa mple", "id-server at 7"],
    ["@a\0:example.com", "id-localpart at 1"],
    ["@a\ud800:example.com", "id-localpart at 1"],
    [`@${"a".repeat(242)}:example.com`, `current ${"a".repeat(242)} of example.com`],
    [`@${"a".repeat(243)}:example.com`, "id-too-long at 0"],
    [`@${"é".repeat(122)}:example.com`, "id-too-long at 0"],
  ];
  for (const [id, expected] of rows) {
    it(`${id.slice(0, 40)}: ${expected.slice(0, 40)}`, () => {
      assert.equal(
        said(parseUserId(id), user => `${user.form} ${user.localpart} of ${user.server}`),
        expected,
      );
    });
  }
});

test("a new user id is one that everybody takes", () => {
  const make = (localpart: string, server = "example.com"): string =>
    said(newUserId(localpart, server), user => user.id);
  assert.equal(make("alice"), "@alice:example.com");
  assert.equal(make("Alice"), "id-localpart at 1");
  assert.equal(make(""), "id-localpart at 1");
  assert.equal(make("é"), "id-localpart at 1");
  assert.equal(make("a:b", "c"), "id-server at 3");
  assert.equal(make("a:b", "80"), "id-localpart at 1");
  assert.equal(make("alice", ""), "id-server at 7");
});

describe("rooms, aliases and events are named in the ways of all room versions", () => {
  const hash = "31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM";
  const rows: readonly (readonly [
    read: (id: string) => Parsed<{ readonly server: string | undefined }>,
    id: string,
    expected: string,
  ])[] = [
    [parseRoomId, "!opaque~ id:example.com", "example.com"],
    [parseRoomId, `!${hash}`, "nobody"],
    [parseRoomId, `!${hash}:example.com`, "example.com"],
    [parseRoomId, `!${hash}A`, "id-hash at 1"],
    [parseRoomId, `!${hash.replace("_", "+")}`, "id-hash at 1"],
    [parseRoomId, "!", "id-hash at 1"],
    [parseRoomId, `$${hash}`, "id-sigil at 0"],
    [parseRoomId, "!a:b/c", "id-server at 3"],
    [parseRoomAlias, "#café here:example.com:1", "example.com:1"],
    [parseRoomAlias, "#café", "id-server at 5"],
    [parseEventId, "$1234:example.com", "example.com"],
    [parseEventId, `$${hash}`, "nobody"],
    [parseEventId, `$${hash.replace("_", "/").replace("-", "+")}`, "nobody"],
    [parseEventId, `$${hash.replace("_", "/")}`, "id-hash at 1"],
    [parseEventId, `!${hash}`, "id-sigil at 0"],
  ];
  for (const [read, id, expected] of rows) {
    it(`${id}: ${expected}`, () =>
      assert.equal(
        said(read(id), ({ server }) => server ?? "nobody"),
        expected,
      ));
  }
});

describe("a content URI names one file and no path", () => {
  const rows: readonly (readonly [uri: string, expected: string])[] = [
    ["mxc://example.com:8448/AQwafuaFswefuhsfAFAgsw_-", "example.com:8448 has AQwafuaFswefuhsfAFAgsw_-"],
    ["mxc://example.com/", "mxc-media-id at 18"],
    ["mxc://example.com", "mxc-media-id at 17"],
    ["mxc://example.com/../../etc", "mxc-media-id at 18"],
    ["mxc://example.com/a/b", "mxc-media-id at 18"],
    ["mxc://example.com/a?b", "mxc-media-id at 18"],
    ["mxc:///a", "mxc-server at 6"],
    ["mxc://../a", "mxc-server at 6"],
    ["https://example.com/a", "mxc-scheme at 0"],
  ];
  for (const [uri, expected] of rows) {
    it(`${uri}: ${expected}`, () => {
      assert.equal(
        said(parseMxc(uri), ({ server, mediaId }) => `${server} has ${mediaId}`),
        expected,
      );
    });
  }
  it("what was read is written as the same", () => {
    const uri = "mxc://[::1]:80/a-b_c";
    assert.equal(said(parseMxc(uri), formatMxc), uri);
    assert.equal(isMediaId("a".repeat(255)), true);
    assert.equal(isMediaId("a".repeat(256)), false);
  });
});

describe("names of servers are those of the grammar", () => {
  const rows: readonly (readonly [text: string, host: string | undefined, port?: string])[] = [
    ["matrix.org", "matrix.org"],
    ["matrix.org:8888", "matrix.org", "8888"],
    ["1.2.3.4:1234", "1.2.3.4", "1234"],
    ["[1234:5678::abcd]:5678", "[1234:5678::abcd]", "5678"],
    ["[::1]", "[::1]"],
    ["a:0", "a", "0"],
    ["a".repeat(255), "a".repeat(255)],
    ["a".repeat(256), undefined],
    ["::1", undefined],
    ["[::1", undefined],
    ["[]", undefined],
    ["[1.2.3.4]", undefined],
    ["[::1]a", undefined],
    ["[::1%eth0]", undefined],
    ["a:", undefined],
    ["a:123456", undefined],
    ["a:8o", undefined],
    ["a:1:2", undefined],
    ["a_b", undefined],
    ["..", undefined],
    [".a", undefined],
    ["a.", undefined],
    ["a..b", undefined],
    ["bücher.example", undefined],
    ["", undefined],
  ];
  for (const [text, host, port] of rows) {
    it(`${text.slice(0, 40)}: ${host?.slice(0, 40) ?? "none"}`, () =>
      assert.deepEqual(serverNameParts(text), host === undefined ? undefined : { host, port }));
  }

  it("property: what can be reached has a name of the grammar", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]:.a0x_-]{0,12}$/), text => {
        if (parseServerName(text).ok) assert.notEqual(serverNameParts(text), undefined);
      }),
    );
  });
});

test("property: no text throws, and of what is read the parts make the text", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.stringMatching(/^[@!#$][a0:.[\]]{0,12}$/),
    fc.string({ unit: "binary" }).map(each => `@${each}:a.example`),
    fc.uint8Array({ maxLength: 2 }).map(userIdOf),
  );
  fc.assert(
    fc.property(texts, text => {
      const user = parseUserId(text);
      if (user.ok) assert.equal(`@${user.value.localpart}:${user.value.server}`, text);
      for (const read of [parseRoomId, parseEventId, parseRoomAlias]) {
        const id = read(text);
        if (id.ok) assert.ok(Buffer.byteLength(text) <= 255 && text.endsWith(id.value.server ?? ""));
      }
    }),
  );
});
