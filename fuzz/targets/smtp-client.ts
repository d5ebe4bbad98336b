import { parseForwardPath } from "@scop/address";
import type { Grammar } from "@scop/fuzz";
import {
  type ClientConfig,
  type ClientInput,
  type ClientState,
  clientTimeouts,
  emptyReading,
  encodeReply,
  type OutgoingEnvelope,
  openClient,
  type RecipientOutcome,
  readReplies,
  stepClient,
} from "@scop/smtp";
import { check, checkDiagnostics, latin1, piecesOf, same } from "./properties.ts";

export const about =
  "whatever a server says, in whatever pieces, every recipient has one outcome, none is delivered without a final 2xx, and only our own commands are written";
export const seeds: readonly string[] = [
  "0220 mx\r\n250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n250 2.0.0 done\r\n221 bye\r\n",
  "1220 mx\r\n250-mx\r\n250-STARTTLS\r\n250 8BITMIME\r\n220 go\r\n",
  "2220 mx\r\n250 mx\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n451 f\r\n",
  "3220 mx\r\n250-mx\r\n250-AUTH PLAIN LOGIN\r\n250-CHUNKING\r\n250-LIMITS RCPTMAX=1 MAILMAX=2\r\n250 REQUIRETLS\r\n334 \r\n235 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n",
  "0554 go away\r\n",
  "0220 mx\r\n502 no\r\n250 mx\r\n421 later\r\n",
];
export const grammar: Grammar = {
  session: ["{mode}{greeting}{hello}{replies}"],
  mode: ["0", "1", "2", "3"],
  greeting: ["220 mx{eol}", "220-mx{eol}220 ESMTP{eol}", "{reply}"],
  hello: ["250 mx{eol}", "250-mx{eol}{extensions}250 HELP{eol}", "{reply}"],
  extensions: ["", "250-{extension}{eol}{extensions}", "250-{extension}{eol}{extensions}"],
  extension: [
    "PIPELINING",
    "SIZE {n}",
    "STARTTLS",
    "AUTH PLAIN LOGIN SCRAM-SHA-256",
    "8BITMIME",
    "SMTPUTF8",
    "CHUNKING",
    "BINARYMIME",
    "DSN",
    "REQUIRETLS",
    "ENHANCEDSTATUSCODES",
    "LIMITS RCPTMAX={n} MAILMAX={n}",
    "{text}",
  ],
  replies: ["", "{reply}{replies}", "{reply}{replies}", "{reply}{replies}"],
  reply: [
    "250 2.1.0 ok{eol}",
    "250 ok{eol}",
    "354 go{eol}",
    "550 5.1.1 {text}{eol}",
    "451 4.{n}.0 {text}{eol}",
    "421 {text}{eol}",
    "334 {text}{eol}",
    "235 ok{eol}",
    "220 go{eol}",
    "{n} {text}{eol}",
    "250-{text}{eol}{reply}",
    "250{eol}",
  ],
  text: ["a", "é", "{text} {text}", "5.1.1", "YWJj", "\0", "\t"],
  n: ["0", "1", "2", "100", "999", "{n}{n}"],
  eol: ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r"],
};

const PATHS = ["<a@example.org>", "<b@example.org>", "<Postmaster>"].map(text => {
  const read = parseForwardPath(text);
  if (!read.ok) throw new Error(text);
  return read.value.path;
});
const ENVELOPE: OutgoingEnvelope = {
  reversePath: { kind: "null" },
  recipients: PATHS,
  eightBit: true,
  utf8: false,
  size: 5,
};
const CONFIGS: readonly Pick<ClientConfig, "protocol" | "tls" | "auth">[] = [
  { protocol: "smtp", tls: "none", auth: "no" },
  { protocol: "smtp", tls: "opportunistic", auth: "no" },
  { protocol: "lmtp", tls: "none", auth: "no" },
  { protocol: "smtp", tls: "active", auth: "yes" },
];
const OURS =
  /^(?:EHLO client\.example|HELO client\.example|LHLO client\.example|STARTTLS|MAIL FROM:<>[ -~]*|RCPT TO:<[ -~]+|DATA|BODY|RSET|QUIT|AUTH [A-Z0-9-]+|\*)$/;

interface Record {
  readonly wrote: string;
  readonly did: readonly string[];
  readonly outcomes: readonly RecipientOutcome[];
  readonly sent: number;
}

export function fuzz(data: Uint8Array): void {
  const config = CONFIGS[(data[0] ?? 0) % CONFIGS.length]!;
  const input = data.subarray(1);
  // A message is sent as soon as it can be, so what a server said too early differs with the pieces: lines are compared with octets.
  const lines = converse(config, linesOf(input));
  const octets = converse(
    config,
    Array.from(input, octet => Uint8Array.of(octet)),
  );
  for (const { outcomes, sent, wrote } of [converse(config, [input]), lines, octets]) {
    check(outcomes.length === sent * PATHS.length, "every recipient of every message has one outcome");
    for (const each of outcomes) {
      if (each.outcome === "delivered")
        check(each.reply.code >= 200 && each.reply.code < 300, "what is delivered was accepted");
    }
    for (const line of wrote.split("\r\n")) {
      check(line === "" || OURS.test(line), `only our commands are written: ${JSON.stringify(line)}`);
    }
  }
  same(octets, lines, "octets do what the lines do");
  const startsTls = converse(config, [input]).did.includes("start-tls");
  check(!startsTls || /(?:^|\n)220[^\n]*\r\n$/.test(latin1(input)), "TLS begins only behind the last reply that came");
  checkReplies(input);
}

function converse(config: Pick<ClientConfig, "protocol" | "tls" | "auth">, given: readonly Uint8Array[]): Record {
  let state: ClientState = openClient({ ...config, hostname: "client.example", timeouts: clientTimeouts });
  let wrote = "";
  let sent = 0;
  const did: string[] = [];
  const outcomes: RecipientOutcome[] = [];
  const feed = (first: ClientInput): void => {
    const inputs = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      if (state.phase.phase === "closed" && input.on !== "send") return;
      const step = stepClient(state, input);
      state = step.state;
      for (const effect of step.effects) {
        did.push(effect.do);
        if (effect.do === "write") wrote += latin1(effect.bytes);
        else if (effect.do === "outcomes") outcomes.push(...effect.outcomes);
        else if (effect.do === "start-tls") {
          inputs.push({ on: "secured" });
        } else if (effect.do === "body") {
          wrote += `BODY\r\n${latin1(effect.behind)}`;
          inputs.push({ on: "body-sent", chunks: effect.by === "chunks" ? 2 : 0 });
        } else if (effect.do === "sasl-start" || effect.do === "sasl-next") {
          inputs.push({ on: "sasl", bytes: undefined, complete: true });
        } else if (effect.do === "ready" && sent < 2) {
          sent++;
          inputs.push({ on: "send", envelope: ENVELOPE });
        } else if (effect.do === "ready") inputs.push({ on: "quit" });
      }
    }
  };
  feed({ on: "connected" });
  for (const bytes of given) feed({ on: "bytes", bytes });
  feed({ on: "ended" });
  return { wrote, did, outcomes, sent };
}

function linesOf(input: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < input.length; ) {
    const found = input.indexOf(10, at);
    const end = found < 0 ? input.length : found + 1;
    lines.push(input.subarray(at, end));
    at = end;
  }
  return lines;
}

/** Replies read in pieces are those of the whole; each can be written, and is read as itself. */
function checkReplies(input: Uint8Array): void {
  const whole = readReplies(emptyReading, input);
  let reading = emptyReading;
  const found = [];
  let isBroken = false;
  for (const piece of piecesOf(input)) {
    if (isBroken) break;
    const read = readReplies(reading, piece);
    found.push(...read.replies);
    reading = read.reading;
    isBroken = read.error !== undefined;
  }
  same([found, isBroken], [whole.replies, whole.error !== undefined], "replies in pieces are those of the whole");
  if (whole.error) checkDiagnostics([whole.error], input.length);
  for (const each of whole.replies) {
    check(/^(?:[2-5]\d\d[ -][ -~]*\r\n)+$/.test(encodeReply(each)), "a written reply is lines of printable text");
  }
}
