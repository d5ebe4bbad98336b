import type { Expectation } from "@scop/corpus";
import type { Library } from "./topic.ts";

const HASH = "ThisIsNoHashButHasItsLengthOf43Characters00";

/** Identifiers by their kind, and what they are cut into; undefined is none. */
const ROWS: readonly (readonly [
  kind: string,
  rows: readonly (readonly [text: string, value: Expectation | undefined])[],
  spec: string,
])[] = [
  [
    "server",
    [
      ["example.org", { host: "example.org", port: null }],
      ["example.org:8448", { host: "example.org", port: "8448" }],
      ["localhost", { host: "localhost", port: null }],
      ["1.2.3.4", { host: "1.2.3.4", port: null }],
      ["1.2.3.4:80", { host: "1.2.3.4", port: "80" }],
      ["[1234:5678::abcd]", { host: "[1234:5678::abcd]", port: null }],
      ["[1234:5678::abcd]:5678", { host: "[1234:5678::abcd]", port: "5678" }],
      ["EXAMPLE.org", { host: "EXAMPLE.org", port: null }],
      ["a-b.example", { host: "a-b.example", port: null }],
      ["123", { host: "123", port: null }],
      ["", undefined],
      [":80", undefined],
      ["example.org:", undefined],
      ["example.org:port", undefined],
      ["example.org:123456", undefined],
      ["example.org:80:80", undefined],
      ["exam ple.org", undefined],
      ["example_org", undefined],
      ["example.org/", undefined],
      ["user@example.org", undefined],
      ["b\u00fccher.example", undefined],
      ["[1234:5678::abcd", undefined],
      ["1234:5678::abcd", undefined],
      ["[]", undefined],
      ["[::1]x", undefined],
      ["a".repeat(256), undefined],
      ["example.org\0", undefined],
      ["example.org\n", undefined],
    ],
    "MATRIX-APPENDICES#server-name",
  ],
  [
    "user",
    [
      ["@ann:example.org", { local: "ann", server: "example.org", form: "current" }],
      ["@ann:example.org:8448", { local: "ann", server: "example.org:8448", form: "current" }],
      ["@a.b_c=d-e/f+g:example.org", { local: "a.b_c=d-e/f+g", form: "current" }],
      ["@ANN:example.org", { local: "ANN", form: "historical" }],
      ["@a!b~:example.org", { local: "a!b~", form: "historical" }],
      ["@:example.org", { local: "", form: "other" }],
      ["@\u00fc:example.org", { local: "\u00fc", form: "other" }],
      ["@a b:example.org", { local: "a b", form: "other" }],
      ["@a:[::1]", { local: "a", server: "[::1]" }],
      [`@${"a".repeat(242)}:example.org`, { server: "example.org" }],
      [`@${"a".repeat(243)}:example.org`, undefined],
      ["ann:example.org", undefined],
      ["@ann", undefined],
      ["@ann:", undefined],
      ["@ann:exam ple", undefined],
      ["@ann:b:c", undefined],
      ["!ann:example.org", undefined],
      ["@a\0b:example.org", undefined],
      ["", undefined],
      ["@", undefined],
    ],
    "MATRIX-APPENDICES#user-identifiers",
  ],
  [
    "room",
    [
      ["!room:example.org", { server: "example.org" }],
      ["!AbC=/:example.org:1", { server: "example.org:1" }],
      [`!${HASH}`, { server: null }],
      [`!${HASH}0`, undefined],
      [`!${HASH.slice(1)}`, undefined],
      [`!${HASH.slice(1)}+`, undefined],
      ["room:example.org", undefined],
      ["#room:example.org", undefined],
      ["!room", undefined],
      ["!room:", undefined],
      ["!", undefined],
    ],
    "MATRIX-APPENDICES#room-ids",
  ],
  [
    "alias",
    [
      ["#a:example.org", { local: "a", server: "example.org" }],
      ["#\u00fc b:example.org", { local: "\u00fc b" }],
      ["#:example.org", { local: "" }],
      ["#a#b:example.org", { local: "a#b" }],
      ["a:example.org", undefined],
      ["#a", undefined],
      ["#a:", undefined],
      ["#a\0:example.org", undefined],
      [`#${"\u00fc".repeat(122)}:example.org`, undefined],
    ],
    "MATRIX-APPENDICES#room-aliases",
  ],
  [
    "event",
    [
      ["$event:example.org", { server: "example.org" }],
      [`$${HASH}`, { server: null }],
      [`$${HASH.slice(1)}+`, { server: null }],
      [`$${HASH.slice(1)}-`, { server: null }],
      [`$${HASH.slice(2)}+-`, undefined],
      [`$${HASH}0`, undefined],
      [`$${HASH}=`, undefined],
      ["$", undefined],
      ["event:example.org", undefined],
      ["!event:example.org", undefined],
      ["$event:exam ple", undefined],
    ],
    "MATRIX-APPENDICES#event-ids",
  ],
  [
    "mxc",
    [
      ["mxc://example.org/abc", { server: "example.org", media: "abc" }],
      ["mxc://example.org:8448/AZ-_09", { server: "example.org:8448", media: "AZ-_09" }],
      ["mxc://[::1]/a", { server: "[::1]", media: "a" }],
      ["mxc://example.org", undefined],
      ["mxc://example.org/", undefined],
      ["mxc:///abc", undefined],
      ["https://example.org/abc", undefined],
      ["mxc:/example.org/abc", undefined],
      ["mxc://example.org/a/b", undefined],
      ["mxc://example.org/../etc", undefined],
      ["mxc://example.org/a.b", undefined],
      ["mxc://example.org/a?b", undefined],
      ["mxc://example.org/a#b", undefined],
      ["mxc://example.org/%2e", undefined],
      ["mxc://exam ple/abc", undefined],
      ["mxc://user@example.org/abc", undefined],
    ],
    "MATRIX-CLIENT-SERVER#matrix-content-mxc-uris",
  ],
];

/** Identifiers of users, rooms, aliases, events, media and servers. */
export function matrixIdentifiers(library: Library): void {
  const topic = library.topic({
    area: "matrix",
    topic: "identifiers",
    description: "Identifiers of users, rooms, aliases, events, media and servers",
    op: "matrix.identifier",
    spec: ["MATRIX-APPENDICES#identifier-grammar"],
  });
  for (const [kind, rows, spec] of ROWS)
    for (const [at, [text, value]] of rows.entries()) {
      const key = `${kind}.${String(at + 1).padStart(2, "0")}`;
      const more = { params: { kind }, spec: [spec] };
      const shown = JSON.stringify(text.slice(0, 60));
      if (value === undefined)
        topic.invalid(key, `No identifier (${kind}): ${shown}`, text, "no identifier", {
          ...more,
          flags: ["MatrixIdentifier"],
        });
      else topic.valid(key, `An identifier (${kind}): ${shown}`, text, value, more);
    }
}
