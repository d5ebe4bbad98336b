import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1, latin1Bytes } from "@scop/wire";
import { defaultLimits, newSession, type Session, step, wantsInput } from "../src/index.ts";

const COMMAND = "a STARTTLS\r\n";
/** What somebody on the path put behind the command: commands, parts of them, line ends. CVE-2021-33515 */
const INJECTED = ["b X\r\n", "b N", "\r\n", "\n", "b", "\0"];
const SETTINGS = {
  hostname: "mail.scop.test",
  mechanisms: ["PLAIN"],
  limits: defaultLimits,
  compression: "offered",
} as const;

/** A session that gets pieces while its handshake has not ended. */
class Unsecured {
  session: Session = newSession(SETTINGS, "offered");
  said = "";
  asked = 0;
  tlsStarts = 0;
  closed = false;

  input(input: Parameters<typeof step>[1]): void {
    if (this.closed) return;
    const { session, effects } = step(this.session, input);
    this.session = session;
    for (const effect of effects) {
      if (effect.do === "write") this.said += effect.bytes.map(bytes => latin1(bytes)).join("");
      else if (effect.do === "start-tls") this.tlsStarts += 1;
      else if (effect.do === "close") this.closed = true;
      else if (effect.do !== "timer") this.asked += 1;
    }
  }
}

/** Every way to cut a text into pieces: bit n of the number cuts after octet n. */
function* cuts(text: string): Generator<readonly string[]> {
  for (let mask = 0; mask < 1 << (text.length - 1); mask += 1) {
    const ends = Array.from({ length: text.length - 1 }, (_, at) => at + 1).filter(
      at => (mask & (1 << (at - 1))) !== 0,
    );
    yield [0, ...ends].map((from, index) => text.slice(from, ends[index] ?? text.length));
  }
}

test("whatever stands behind STARTTLS, and however both are cut, nothing of it is obeyed, before TLS or after", () => {
  for (const injected of INJECTED) {
    for (const pieces of cuts(COMMAND + injected)) {
      const talk = new Unsecured();
      talk.input({ on: "start" });
      talk.said = "";
      for (const piece of pieces) talk.input({ on: "bytes", bytes: latin1Bytes(piece) });
      const place = JSON.stringify(pieces);
      assert.equal(talk.asked, 0, place);
      assert.equal(talk.closed, !pieces.some((_, index) => pieces.slice(0, index).join("") === COMMAND), place);
      if (talk.closed) {
        assert.deepEqual([talk.said, talk.tlsStarts], ["* BYE Nothing may follow STARTTLS\r\n", 0], place);
        continue;
      }
      // Alone in its piece the command is obeyed. The rest came during the handshake, in which a host does not read, and is gone after it.
      assert.deepEqual([talk.said, talk.tlsStarts], ["a OK Begin TLS now\r\n", 1], place);
      assert.equal(wantsInput(talk.session), false, place);
      talk.input({ on: "tls-started" });
      talk.input({ on: "bytes", bytes: latin1Bytes("c NOOP\r\n") });
      assert.equal(talk.said, "a OK Begin TLS now\r\nc OK NOOP completed\r\n", place);
    }
  }
});
