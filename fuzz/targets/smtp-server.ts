import type { Grammar } from "@scop/fuzz";
import type { IpText } from "@scop/platform";
import {
  openServer,
  reply,
  type ServerInput,
  type ServerOptions,
  type ServerQuestion,
  type ServerState,
  serverLimits,
  stepServer,
} from "@scop/smtp";
import { concat } from "@scop/wire";
import { check, latin1, piecesOf, same } from "./properties.ts";

export const about =
  "one DATA is one message, whole or in pieces: what is delivered stands in the input between DATA and one end, and every reply is a line";
export const seeds: readonly string[] = [
  "0EHLO a.example\r\nMAIL FROM:<a@example.org> SIZE=9\r\nRCPT TO:<b@example.org>\r\nDATA\r\nA: b\r\n\r\n..c\r\n.\r\nQUIT\r\n",
  "1LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<b@c.example>\r\nRCPT TO:<no@c.example>\r\nBDAT 3\r\nabcBDAT 0 LAST\r\n",
  "2EHLO a\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8\r\nRSET\r\nVRFY a\r\nNOOP\r\nHELP\r\n",
  "3HELO a\r\nSTARTTLS\r\nMAIL FROM:<a@b.example>\r\n",
  "4EHLO a\r\nMAIL FROM:<a@b.example> RET=HDRS ENVID=q+2B\r\nRCPT TO:<b@c.example> NOTIFY=FAILURE ORCPT=rfc822;b@c.example\r\nDATA\r\nx\n.\r\n.\r\n.\n\r\n.\r\n",
];
export const grammar: Grammar = {
  session: ["{mode}{hello}{commands}"],
  mode: ["0", "1", "2", "3", "4", "5", "6", "7"],
  hello: ["EHLO a.example{eol}", "HELO a{eol}", "LHLO a{eol}", ""],
  commands: ["", "{command}{commands}", "{transaction}{commands}", "{transaction}{commands}"],
  transaction: [
    "{mail}{recipients}DATA{eol}{lines}{end}",
    "{mail}{recipients}BDAT 3 LAST{eol}a{eol}",
    "{mail}{recipients}BDAT 2{eol}{eol}BDAT 0 LAST{eol}",
  ],
  mail: ["MAIL FROM:<{path}>{parameters}{eol}", "MAIL FROM:<>{eol}"],
  parameters: [
    "",
    " SIZE=10{parameters}",
    " BODY=8BITMIME{parameters}",
    " SMTPUTF8{parameters}",
    " RET=FULL{parameters}",
    " ENVID=a+20{parameters}",
    " BODY=BINARYMIME",
    " HOLDFOR=9",
    " REQUIRETLS",
  ],
  recipients: ["{recipient}", "{recipient}{recipients}"],
  recipient: [
    "RCPT TO:<{path}>{eol}",
    "RCPT TO:<{path}> NOTIFY=NEVER ORCPT=rfc822;a+40b{eol}",
    "RCPT TO:<Postmaster>{eol}",
  ],
  path: [
    "a@example.org",
    "no@example.org",
    "é@example.org",
    "@x.example:a@example.org",
    '"a b"@example.org',
    "a@[192.0.2.1]",
  ],
  lines: ["", "{line}{eol}{lines}", "..{line}{eol}{lines}", ".{line}{eol}{lines}", "{end}{lines}"],
  line: ["A: b", "", "\0", "é", "MAIL FROM:<x@y.example>"],
  end: [".{eol}", "{eol}.{eol}", "\r\n.\r\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r\n\0.\r\n"],
  command: [
    "RSET{eol}",
    "NOOP x{eol}",
    "VRFY a{eol}",
    "EXPN a{eol}",
    "HELP{eol}",
    "QUIT{eol}",
    "STARTTLS{eol}",
    "AUTH PLAIN AGEAYg=={eol}",
    "AUTH LOGIN{eol}YQ=={eol}YQ=={eol}",
    "AUTH PLAIN{eol}*{eol}",
    "GET / HTTP/1.1{eol}",
    "x{eol}",
  ],
  eol: ["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", " \r\n"],
};

const REMOTE = { address: "192.0.2.1" as IpText, port: 40_000 };
const LOCAL = { address: "192.0.2.2" as IpText, port: 25 };
const TLS = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", verified: false };
/** Kinds of listener that the first octet picks from. */
const MODES = 8;
/** The one with a small limit of octets. */
const SIZED = 7;

/** No octet. */
const END = "\u0100";

/** What a session did, whatever the pieces were. */
interface Record {
  readonly said: string;
  readonly did: readonly string[];
  /** What was delivered after DATA, and by BDAT. */
  readonly messages: readonly Uint8Array[];
  readonly data: number;
}

export function fuzz(data: Uint8Array): void {
  const mode = (data[0] ?? 0) % MODES;
  const input = data.subarray(1);
  const whole = converse(mode, [input]);
  const pieces = converse(mode, piecesOf(input));
  // Of a message that is too large as well, the pieces decide which fault is seen first, and whether the end is waited for.
  if (pieces.did.includes("start-tls")) {
    const isRefused = whole.said.includes("Nothing may follow STARTTLS");
    check(isRefused || whole.did.includes("start-tls"), "what came with STARTTLS is never obeyed");
  } else if (mode !== SIZED) same([pieces.did, pieces.said], [whole.did, whole.said], "pieces do what the whole does");
  check(
    !whole.did.includes("start-tls") || /starttls[ \t]*\r\n$/i.test(latin1(input)),
    "TLS begins only where nothing stands behind STARTTLS",
  );
  check(whole.messages.length <= whole.data, "there are no more messages than DATA");
  for (const line of whole.said.split("\r\n").slice(0, -1)) {
    check(
      /^[2-5]\d\d[ -][ -~]*$/.test(line) && line.length <= 510,
      `a reply is lines of printable text: ${JSON.stringify(line)}`,
    );
  }
  check(whole.said === "" || whole.said.endsWith("\r\n"), "the last reply is a whole line");
  check(!whole.said.includes("\n250 user"), "the text of a reply makes no reply of its own");
  // Another way to say it: a dot that begins a line goes, and one that is a line of its own ends the message.
  const plain = latin1(input)
    .replace(/(?<=\r\n)\.\r\n/g, END)
    .replace(/(?<=\r\n)\./g, "");
  for (const message of whole.messages) {
    const text = latin1(message);
    check(!/\r(?!\n)|(?<!\r)\n/.test(text), "a message has no line end but CRLF");
    check(plain.includes(text + END), "a message and its end stand in the input");
  }
}

function converse(mode: number, pieces: readonly Uint8Array[]): Record {
  let state: ServerState = openServer(optionsOf(mode), {
    remote: REMOTE,
    local: LOCAL,
    tls: mode === 2 || mode === 5 ? TLS : undefined,
  });
  let said = "";
  let data = 0;
  let isOver = false;
  let body: Uint8Array[] = [];
  let isChunked = false;
  const messages: Uint8Array[] = [];
  const did: string[] = [];
  const feed = (first: ServerInput): void => {
    let input: ServerInput | undefined = first;
    while (input !== undefined) {
      const step: ReturnType<typeof stepServer> = stepServer(state, input);
      state = step.state;
      input = undefined;
      for (const effect of step.effects) {
        if (effect.do === "write") said += latin1(effect.bytes);
        else if (effect.do === "body") body.push(effect.bytes.slice());
        else if (effect.do === "start-tls" || effect.do === "close") isOver = true;
        else if (effect.do === "abort") body = [];
        else if (effect.do === "ask") {
          const { question } = effect;
          if (question.ask === "data") {
            data++;
            isChunked = question.chunk !== undefined;
          }
          const content = concat(body);
          did.push(question.ask === "end" ? `end ${latin1(content)}` : JSON.stringify(withoutSession(question)));
          if (question.ask === "end") {
            if (isChunked) data--;
            else messages.push(content);
            body = [];
          }
          input = answerTo(question);
        }
        if (effect.do === "start-tls" || effect.do === "close" || effect.do === "abort") did.push(effect.do);
      }
    }
  };
  feed({ on: "connected" });
  for (const bytes of pieces) if (!isOver) feed({ on: "bytes", bytes });
  if (!isOver) feed({ on: "ended" });
  return { said, did, messages, data };
}

function optionsOf(mode: number): ServerOptions {
  const isSmall = mode >= 4;
  return {
    protocol: mode === 1 ? "lmtp" : "smtp",
    extensions: mode === 6 ? [] : ["CHUNKING", "BINARYMIME", "DSN", "REQUIRETLS"],
    futureRelease: mode === 4 ? { seconds: 86_400, until: Date.UTC(2026, 0, 2) } : undefined,
    hostname: "mx.example",
    tls: mode === 2 || mode === 5 ? "active" : mode === 3 ? "offered" : "none",
    authRequired: mode === 5 ? "yes" : "no",
    mechanisms: ["PLAIN", "LOGIN"],
    nul: mode === 0 ? "accept" : "refuse",
    limits: isSmall
      ? {
          ...serverLimits,
          messageOctets: mode === SIZED ? 200 : serverLimits.messageOctets,
          recipients: 2,
          commands: 30,
          errors: 5,
          bodyLineOctets: 80,
        }
      : serverLimits,
  };
}

function withoutSession(question: ServerQuestion): unknown {
  return { ...question, session: undefined };
}

/** By what is asked alone, so that it does not depend on pieces. */
function answerTo(question: ServerQuestion): ServerInput {
  if (question.ask === "sasl") {
    const isEmpty = (question.response?.length ?? 0) === 0;
    if (isEmpty) return { on: "sasl", answer: { answer: "challenge", bytes: new Uint8Array() } };
    return { on: "sasl", answer: { answer: "done", identity: "a@example.org" } };
  }
  const isRefused =
    question.ask === "recipient" && question.path.kind === "mailbox" && question.path.mailbox.localPart === "no";
  return { on: "decision", reply: isRefused ? reply(550, "5.1.1", "No such\r\n250 user") : undefined };
}
