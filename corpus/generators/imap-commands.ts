import { COMMANDS } from "./imap-tables.ts";
import type { Library, More, Topic } from "./topic.ts";

const BARE = ["CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "CHECK", "CLOSE", "UNSELECT", "NAMESPACE", "IDLE"];
const ON_MAILBOX = ["SELECT", "EXAMINE", "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE"];

/** Ways to write a mailbox, and its name. */
const MAILBOXES: readonly (readonly [key: string, text: string, name: string, flags?: readonly string[]])[] = [
  ["inbox", "INBOX", "INBOX"],
  ["inbox-case", "inBox", "INBOX"],
  ["atom", "work", "work"],
  ["quoted", '"my work"', "my work"],
  ["pair", '"a\\"b"', 'a"b'],
  ["backslash", '"a\\\\b"', "a\\b"],
  ["path", "a/b/c", "a/b/c"],
  ["digits", "2026", "2026"],
  ["utf7", "&APw-ber", "über", ["ImapUtf7"]],
  ["utf7-quoted", '"&APw-ber x"', "über x", ["ImapUtf7"]],
  ["ampersand", "a&-b", "a&b", ["ImapUtf7"]],
  ["literal", "{4}\r\nwork", "work", ["ImapLiteral"]],
  ["literal-plus", "{4+}\r\nwork", "work", ["ImapLiteral"]],
  ["literal-space", "{7}\r\nmy work", "my work", ["ImapLiteral"]],
  ["bracket", "a]b", "a]b"],
];

function mailboxes(topic: Topic): void {
  for (const command of ON_MAILBOX) {
    for (const [key, text, mailbox, flags = []] of MAILBOXES) {
      if (mailbox === "INBOX" && command === "CREATE") continue;
      topic.valid(
        `${command.toLowerCase()}.${key}`,
        `${command} ${JSON.stringify(text)}`,
        `a1 ${command} ${text}\r\n`,
        { tag: "a1", command, mailbox },
        { flags },
      );
    }
  }
  for (const command of BARE) {
    topic.valid(`bare.${command.toLowerCase()}`, command, `A-1.x ${command}\r\n`, { tag: "A-1.x", command });
    topic.valid(`bare-lower.${command.toLowerCase()}`, `${command} in lower case`, `t ${command.toLowerCase()}\r\n`, {
      tag: "t",
      command,
    });
    topic.invalid(
      `bare-text.${command.toLowerCase()}`,
      `${command} with an argument`,
      `t ${command} odd\r\n`,
      "no argument",
      { flags: ["ImapSyntax"] },
    );
    topic.invalid(
      `bare-space.${command.toLowerCase()}`,
      `${command} with a space behind it`,
      `t ${command} \r\n`,
      "no white space",
      { flags: ["ImapSyntax"] },
    );
  }
}

/** Sets, and their ranges in canonical text. RFC 9051 9: sequence-set */
const SETS: readonly (readonly [text: string, value: string | undefined])[] = [
  ["1", "1"],
  ["1,2", "1,2"],
  ["1:3", "1:3"],
  ["1:*", "1:*"],
  ["*", "*"],
  ["2,4:7,9", "2,4:7,9"],
  ["4294967295", "4294967295"],
  ["1,*", "1,*"],
  ["0", undefined],
  ["01", undefined],
  ["4294967296", undefined],
  ["1:", undefined],
  [":1", undefined],
  ["1,,2", undefined],
  ["1,", undefined],
  [",1", undefined],
  ["-1", undefined],
  ["a", undefined],
  ["1 2", undefined],
  ["1:2:3", undefined],
  ["1;2", undefined],
  ["99999999999999999999", undefined],
  ["0:*", undefined],
  ["1.5", undefined],
];

function sets(topic: Topic): void {
  for (const [at, [text, set]] of SETS.entries()) {
    const number = String(at + 1).padStart(2, "0");
    for (const [key, before, behind, command] of [
      ["fetch", "FETCH ", " FLAGS", "FETCH"],
      ["uid-fetch", "UID FETCH ", " FLAGS", "FETCH"],
      ["store", "STORE ", " FLAGS ()", "STORE"],
      ["copy", "COPY ", " INBOX", "COPY"],
      ["move", "UID MOVE ", " INBOX", "MOVE"],
    ] as const) {
      const input = `s ${before}${text}${behind}\r\n`;
      if (set === undefined)
        topic.invalid(`${key}.${number}`, `No set: ${text}`, input, "no sequence set", {
          flags: ["ImapSyntax"],
          spec: ["RFC9051#9"],
        });
      else
        topic.valid(`${key}.${number}`, `The set ${text}`, input, { tag: "s", command, set }, { spec: ["RFC9051#9"] });
    }
  }
}

export function imapCommands(library: Library): void {
  const common = { area: "imap", op: "imap.command", spec: ["RFC9051#9"] };
  mailboxes(
    library.topic({
      ...common,
      topic: "mailboxes",
      description: "Commands that name a mailbox, and those that name nothing",
    }),
  );
  sets(library.topic({ ...common, topic: "sets", description: "Sequence sets in the commands that have them" }));
  const topic = library.topic({ ...common, topic: "commands", description: "Commands with their arguments" });
  for (const [key, text, value, spec = "RFC9051#9", flags = []] of COMMANDS) {
    const more: More = { spec: [spec], flags };
    if (value === undefined)
      topic.invalid(key, `No command: ${JSON.stringify(text.slice(0, 50))}`, text, "it does not fit the grammar", {
        ...more,
        flags: ["ImapSyntax", ...flags],
      });
    else topic.valid(key, `The command ${JSON.stringify(text.slice(0, 50))}`, text, { tag: "a", ...value }, more);
  }
}
