import assert from "node:assert/strict";
import { test } from "node:test";
import { converse as converseClient, send } from "./client-machine.ts";
import { converse as converseServer, HELLO, TLS } from "./machine.ts";

/** Every way to cut a text into pieces: bit n of the number cuts after octet n. */
function* cuts(text: string): Generator<readonly string[]> {
  for (let mask = 0; mask < 1 << (text.length - 1); mask += 1) {
    const pieces: string[] = [];
    let from = 0;
    for (let at = 1; at < text.length; at += 1) {
      if ((mask & (1 << (at - 1))) === 0) continue;
      pieces.push(text.slice(from, at));
      from = at;
    }
    pieces.push(text.slice(from));
    yield pieces;
  }
}

/** Whether a piece ends just behind so many octets. */
function isCutAt(pieces: readonly string[], octets: number): boolean {
  let at = 0;
  for (const piece of pieces) {
    at += piece.length;
    if (at >= octets) break;
  }
  return at === octets;
}

const COMMAND = "STARTTLS\r\n";
/** What somebody on the path put behind the command: commands, parts of them, line ends. CVE-2011-0411 */
const COMMANDS = ["RSET\r\n", "NOOP\n", "\r\n", "\n", "\r", "N", ".", "\0"];

test("whatever stands behind STARTTLS, and however both are cut, nothing of it is obeyed and the session is over", () => {
  let tried = 0;
  for (const injected of COMMANDS) {
    for (const pieces of cuts(COMMAND + injected)) {
      const record = converseServer([HELLO, ...pieces, { on: "secured", tls: TLS }, HELLO]);
      // Alone in its piece the command is obeyed: the rest then comes during the handshake.
      const isAlone = isCutAt(pieces, COMMAND.length);
      const said = record.said.split("\r\n").slice(0, -1).at(-1)?.slice(0, 3);
      assert.deepEqual(
        [record.closed, record.tlsStarts, record.state.phase.phase, said, record.questions],
        [1, isAlone ? 1 : 0, "closed", isAlone ? "220" : "421", []],
        JSON.stringify(pieces),
      );
      tried += 1;
    }
  }
  assert.equal(
    tried,
    COMMANDS.reduce((sum, { length }) => sum + (1 << (COMMAND.length + length - 1)), 0),
  );
});

const OFFER = "220 mx\r\n250-mx\r\n250 STARTTLS\r\n";
const GO = "220 go\r\n";
const AFTER = "250-mx\r\n250 8BITMIME\r\n";
/** What somebody on the path put behind the server's answer: replies, parts of them, line ends. */
const REPLIES = ["250 x\r\n", "421 b\r\n", "250-", "25", "\r\n", "\n", "x"];

for (const tls of ["require", "opportunistic"] as const) {
  test(`whatever stands behind the answer to STARTTLS, and however both are cut, nothing of it is believed (${tls})`, () => {
    for (const injected of REPLIES) {
      for (const pieces of cuts(GO + injected)) {
        const isAlone = isCutAt(pieces, GO.length);
        const before = converseClient([OFFER, ...pieces], { tls });
        const asked = ["EHLO client.example\r\n", "STARTTLS\r\n", ...(isAlone ? ["TLS"] : [])];
        assert.deepEqual(before.wrote, asked, JSON.stringify(pieces));
        if (before.state.phase.phase === "closed") {
          assert.notEqual(before.failure, undefined);
          continue;
        }
        // The beginning of a reply that came during the handshake: it is gone after it.
        assert.ok(isAlone && before.state.phase.phase === "handshake", JSON.stringify(pieces));
        const after = converseClient([OFFER, ...pieces, { on: "secured" }, AFTER, send("b@scop.test")], { tls });
        assert.deepEqual(after.wrote.slice(asked.length), ["EHLO client.example\r\n", "MAIL FROM:<a@example.org>\r\n"]);
        assert.deepEqual([after.state.capabilities.eightBit, after.state.capabilities.pipelining], [true, false]);
      }
    }
  });
}
