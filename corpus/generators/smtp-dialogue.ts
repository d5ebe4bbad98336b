import { HELLO, messages, octets } from "./smtp-case.ts";
import { BODY, ROWS, type Row } from "./smtp-happening.ts";
import { mailWith, TEXT } from "./smtp-rows.ts";
import { DSN, UNDERSTOOD, WRONG } from "./smtp-understood.ts";
import type { Library, Topic } from "./topic.ts";

/** The whole of a dialogue as a client sends it. */
function add(topic: Topic, [key, about, server, events, expect, spec]: Row): void {
  const text = events.filter(each => typeof each === "string").join("");
  const { sent, ...rest } = expect;
  const value = sent === undefined ? rest : { ...messages(...Array.from({ length: sent }, () => TEXT)), ...rest };
  topic.valid(key, `A dialogue: ${about}`, octets(text), value, {
    spec: [spec],
    flags: ["SmtpOrder"],
    params: { server, events: events.map(each => (typeof each === "string" ? { send: each } : each)) },
  });
}

/** Dialogues in which more happens than octets that come. */
export function smtpDialogue(library: Library): void {
  const topic = library.topic({
    area: "smtp",
    topic: "dialogue",
    description:
      "What happens besides octets: TLS, time, the end of either side, what the host refuses, and what the server understood",
    op: "smtp.dialogue",
    spec: ["RFC5321#4.2"],
  });
  for (const row of ROWS) add(topic, row);
  for (const [key, mail, recipient, [from, to, hold = null], spec] of UNDERSTOOD) {
    const events = [
      HELLO,
      mailWith(mail).replace(" \r", "\r"),
      `RCPT TO:<ben@example.org>${recipient === "" ? "" : ` ${recipient}`}\r\n`,
      BODY,
    ];
    const envelope = {
      mail: `MAIL FROM:<ann@example.com>${from}`,
      recipients: [`RCPT TO:<ben@example.org>${to}`],
      hold,
    };
    add(topic, [
      `understood.${key}`,
      `parameters: ${mail} ${recipient}`,
      DSN,
      events,
      { replies: "22232", sent: 1, envelopes: [envelope] },
      spec,
    ]);
  }
  for (const [key, mail, recipient, spec] of WRONG) {
    const events = [
      HELLO,
      mailWith(mail).replace(" \r", "\r"),
      `RCPT TO:<ben@example.org>${recipient === "" ? "" : ` ${recipient}`}\r\n`,
    ];
    add(topic, [
      `wrong.${key}`,
      `parameters that are wrong: ${mail} ${recipient}`,
      DSN,
      events,
      { replies: mail === "" ? "225" : "255", sent: 0 },
      spec,
    ]);
  }
}
