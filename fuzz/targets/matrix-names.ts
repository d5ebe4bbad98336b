import type { Grammar } from "@scop/fuzz";
import {
  formatMxc,
  ID_OCTETS_MAX,
  newUserId,
  parseEventId,
  parseMxc,
  parseRoomAlias,
  parseRoomId,
  parseUserId,
  serverNameParts,
} from "@scop/matrix/id";
import { utf8Bytes } from "@scop/wire";
import { check, checkDiagnostics, same, textOf } from "./properties.ts";

export const about =
  "an identifier that is read is short, has the name of a server where it has one, and is put together again as it was; none leads out of a path";
export const seeds: readonly string[] = [
  "@ann:example.org:8448",
  "!room:[2001:db8::1]:80",
  `$${"A".repeat(43)}`,
  "#a b:1.2.3.4",
  "mxc://example.org/abc_-9",
  "@a=/+_.-:b",
];
export const grammar: Grammar = {
  id: [
    "@{local}:{server}",
    "!{local}:{server}",
    "#{local}:{server}",
    `$${"{hash}"}`,
    "!{hash}",
    "mxc://{server}/{local}",
  ],
  local: ["a", "A", "ü", "{local}{local}", "..", "/", "\0", "", "a:b"],
  server: ["{host}", "{host}:{n}", "[{six}]", "[{six}]:{n}"],
  host: ["example.org", "1.2.3.4", "a..b", "-", ".", "{host}.{host}", ""],
  six: ["::1", "2001:db8::1", "::ffff:1.2.3.4", ":", ""],
  n: ["1", "65535", "99999", "100000", "{n}{n}", ""],
  hash: [`${"A".repeat(43)}`, `${"a-_+/".repeat(9)}`.slice(0, 43), "A"],
};

export function fuzz(data: Uint8Array): void {
  const text = textOf(data);
  const isShort = utf8Bytes(text).length <= ID_OCTETS_MAX;
  for (const [sigil, read] of [
    ["@", parseUserId(text)],
    ["#", parseRoomAlias(text)],
  ] as const) {
    if (!read.ok) {
      checkDiagnostics([read.error], text.length);
      continue;
    }
    const { localpart, server } = read.value;
    check(isShort, "an identifier is short");
    same(`${sigil}${localpart}:${server}`, text, "an identifier is what it consists of");
    checkServer(server);
  }
  for (const read of [parseRoomId(text), parseEventId(text)]) {
    if (!read.ok) checkDiagnostics([read.error], text.length);
    else if (read.value.server !== undefined) checkServer(read.value.server);
  }
  const made = newUserId(text, "example.org");
  if (made.ok) check(/^[a-z0-9\-.=_/+]+$/.test(text), "a new account has a name of few characters");
  checkMedia(text);
  if (serverNameParts(text) !== undefined) checkServer(text);
}

/** A name of a server, which stands in paths and in hosts of URLs. */
function checkServer(server: string): void {
  const parts = serverNameParts(server);
  check(parts !== undefined, "the name of a server is one");
  if (parts === undefined) return;
  same(parts.port === undefined ? parts.host : `${parts.host}:${parts.port}`, server, "it is what it consists of");
  check(!/[/\\?#@%\s]|\.\./.test(server), "the name of a server leads out of no path and no URL");
}

function checkMedia(text: string): void {
  const read = parseMxc(text);
  if (!read.ok) {
    checkDiagnostics([read.error], text.length);
    return;
  }
  same(formatMxc(read.value), text, "a media URI is what it consists of");
  check(/^[A-Za-z0-9_-]+$/.test(read.value.mediaId), "a media id leads out of no path");
  checkServer(read.value.server);
}
