import type { Library, More } from "./topic.ts";

/** Headers, and the fields in them: name and value, unfolded and without white space around it. */
const READ: readonly (readonly [
  key: string,
  about: string,
  text: string,
  fields: readonly (readonly [string, string])[],
  more?: More,
])[] = [
  ["one", "one field", "A: b\r\n\r\n", [["A", "b"]]],
  ["no-body", "no blank line", "A: b\r\n", [["A", "b"]]],
  [
    "two",
    "two fields",
    "A: b\r\nC: d\r\n\r\n",
    [
      ["A", "b"],
      ["C", "d"],
    ],
  ],
  [
    "same-twice",
    "one name twice, in order",
    "A: b\r\nA: c\r\n\r\n",
    [
      ["A", "b"],
      ["A", "c"],
    ],
  ],
  ["no-space", "no space behind the colon", "A:b\r\n\r\n", [["A", "b"]]],
  ["spaces", "spaces around the value", "A:   b  \r\n\r\n", [["A", "b"]]],
  [
    "empty",
    "an empty value",
    "A:\r\nB: c\r\n\r\n",
    [
      ["A", ""],
      ["B", "c"],
    ],
  ],
  [
    "empty-space",
    "a value of white space",
    "A: \r\nB: c\r\n\r\n",
    [
      ["A", ""],
      ["B", "c"],
    ],
  ],
  ["folded", "a folded value", "A: b\r\n c\r\n\r\n", [["A", "b c"]]],
  ["folded-tab", "folded with a tab", "A: b\r\n\tc\r\n\r\n", [["A", "b\tc"]]],
  ["folded-twice", "folded twice", "A: b\r\n c\r\n d\r\n\r\n", [["A", "b c d"]]],
  ["folded-first", "folded behind the colon", "A:\r\n b\r\n\r\n", [["A", "b"]]],
  [
    "folded-blank",
    "a folded line of white space alone",
    "A: b\r\n \r\n c\r\n\r\n",
    [["A", "b  c"]],
    { spec: ["RFC5322#4.2"], flags: ["Obsolete"] },
  ],
  [
    "space-colon",
    "a space before the colon",
    "A : b\r\n\r\n",
    [["A", "b"]],
    { spec: ["RFC5322#4.5.8"], flags: ["Obsolete"] },
  ],
  ["colon-in-value", "a colon in the value", "A: b:c: d\r\n\r\n", [["A", "b:c: d"]]],
  ["name-signs", "signs in a name", "X-!#$%&'*+-./^_`{|}~: b\r\n\r\n", [["X-!#$%&'*+-./^_`{|}~", "b"]]],
  ["name-digits", "digits in a name", "123: b\r\n\r\n", [["123", "b"]]],
  ["name-long", "a name of 76 characters", `${"N".repeat(76)}: b\r\n\r\n`, [["N".repeat(76), "b"]]],
  ["value-utf8", "raw UTF-8", "A: ü\r\n\r\n", [["A", "ü"]], { spec: ["RFC6532#3.2"], flags: ["Internationalized"] }],
  [
    "line-998",
    "a line of 998 characters",
    `A: ${"b".repeat(995)}\r\n\r\n`,
    [["A", "b".repeat(995)]],
    { spec: ["RFC5322#2.1.1"] },
  ],
  ["body-colon", "a body that looks like a field", "A: b\r\n\r\nC: d\r\n", [["A", "b"]]],
  ["body-empty-lines", "a body of blank lines", "A: b\r\n\r\n\r\n\r\n", [["A", "b"]]],
];

/** What no header may have, and what a tolerant reader makes of it. */
const BROKEN: readonly (readonly [
  key: string,
  about: string,
  text: string,
  readings: readonly (readonly (readonly [string, string])[])[],
  more?: More,
])[] = [
  [
    "bare-lf",
    "line ends without CR",
    "A: b\nC: d\n\n",
    [
      [
        ["A", "b"],
        ["C", "d"],
      ],
    ],
    { spec: ["RFC5322#2.3"], flags: ["BareLineEnd"] },
  ],
  [
    "mixed",
    "both kinds of line end",
    "A: b\nC: d\r\n\r\n",
    [
      [
        ["A", "b"],
        ["C", "d"],
      ],
    ],
    { spec: ["RFC5322#2.3"], flags: ["BareLineEnd"] },
  ],
  [
    "bare-cr",
    "a CR within a value",
    "A: b\rC: d\r\n\r\n",
    [
      [["A", "b C: d"]],
      [["A", "b\rC: d"]],
      [["A", "bC: d"]],
      [
        ["A", "b"],
        ["C", "d"],
      ],
    ],
    { spec: ["RFC5322#2.3"], flags: ["BareLineEnd", "HeaderInjection"] },
  ],
  [
    "nul",
    "NUL within a value",
    "A: b\u0000c\r\n\r\n",
    [[["A", "b c"]], [["A", "b\u0000c"]], [["A", "bc"]], [["A", "b\ufffdc"]]],
    { spec: ["RFC5322#2.2"], flags: ["ControlOctet"] },
  ],
  [
    "no-colon",
    "a line without a colon",
    "A: b\r\nnothing\r\nC: d\r\n\r\n",
    [
      [
        ["A", "b"],
        ["C", "d"],
      ],
      [["A", "b"]],
    ],
    { flags: ["Malformed"] },
  ],
  [
    "name-space",
    "a space within a name",
    "A b: c\r\nC: d\r\n\r\n",
    [
      [["C", "d"]],
      [
        ["A b", "c"],
        ["C", "d"],
      ],
      [],
    ],
    { flags: ["Malformed"] },
  ],
  [
    "name-utf8",
    "a name in UTF-8",
    "Ä: b\r\nC: d\r\n\r\n",
    [
      [["C", "d"]],
      [
        ["Ä", "b"],
        ["C", "d"],
      ],
      [],
    ],
    { flags: ["Malformed"] },
  ],
  [
    "name-empty",
    "an empty name",
    ": b\r\nC: d\r\n\r\n",
    [
      [["C", "d"]],
      [
        ["", "b"],
        ["C", "d"],
      ],
      [],
    ],
    { flags: ["Malformed"] },
  ],
  [
    "folded-at-start",
    "a folded line at the start",
    " A: b\r\nC: d\r\n\r\n",
    [
      [["C", "d"]],
      [
        ["A", "b"],
        ["C", "d"],
      ],
      [],
    ],
    { flags: ["Malformed"] },
  ],
  [
    "line-999",
    "a line of more than 998 characters",
    `A: ${"b".repeat(1_000)}\r\n\r\n`,
    [[["A", "b".repeat(1_000)]]],
    { spec: ["RFC5322#2.1.1"], flags: ["LongLine"] },
  ],
  [
    "mbox",
    "an envelope line of a mailbox file",
    "From ann@example.com Fri Nov 27 09:55:06 2026\r\nA: b\r\n\r\n",
    [[["A", "b"]]],
    { flags: ["Malformed"] },
  ],
];

const SINGLETONS = [
  "Date",
  "From",
  "Sender",
  "Reply-To",
  "To",
  "Cc",
  "Bcc",
  "Message-ID",
  "In-Reply-To",
  "References",
  "Subject",
];

function sampleOf(name: string, n: number): string {
  if (name === "Date") return `${n} Nov 2026 00:00:00 +0000`;
  if (name === "Subject") return `Subject ${n}`;
  return name === "Message-ID" || name.startsWith("In") || name.startsWith("Ref")
    ? `<${n}@example.com>`
    : `user${n}@example.com`;
}

export function headerFields(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "fields",
    description: "Where the fields of a header begin and end",
    op: "header.fields",
    spec: ["RFC5322#2.2"],
  });
  for (const [key, about, text, fields, more = {}] of READ)
    topic.valid(key, `A header: ${about}`, text, { fields }, more);
  for (const [key, about, text, readings, more = {}] of BROKEN) {
    topic.invalid(`malformed.${key}`, `Malformed: ${about}`, text, about, {
      ...more,
      lenient: { oneOf: readings.map(fields => ({ fields })) },
    });
  }
  const base = "From: ann@example.com\r\nDate: 27 Nov 2026 00:00:00 +0000\r\n";
  for (const name of SINGLETONS) {
    const others = ["From", "Date"].filter(each => each !== name);
    const head = base.split("\r\n").filter(line => others.some(each => line.startsWith(`${each}:`)));
    const lines = [...head, `${name}: ${sampleOf(name, 1)}`, `${name}: ${sampleOf(name, 2)}`];
    const text = `${lines.join("\r\n")}\r\n\r\nbody\r\n`;
    const fields = lines.map(line => line.split(": ", 2));
    topic.invalid(`twice.${name.toLowerCase()}`, `${name} twice`, text, `${name} occurs once at most`, {
      op: "header.check",
      spec: ["RFC5322#3.6"],
      flags: ["DuplicateField"],
      importance: "high",
      lenient: { fields },
    });
    const spread = `${head.join("\r\n")}\r\n${name}: ${sampleOf(name, 1)}\r\nX: y\r\n${name.toLowerCase()}: ${sampleOf(name, 2)}\r\n\r\nbody\r\n`;
    topic.invalid(
      `twice-spread.${name.toLowerCase()}`,
      `${name} twice, in other case and not side by side`,
      spread,
      `${name} occurs once at most`,
      {
        op: "header.check",
        spec: ["RFC5322#3.6"],
        flags: ["DuplicateField"],
      },
    );
  }
  for (const name of ["From", "Date"]) {
    const text = `${base
      .split("\r\n")
      .filter(line => !line.startsWith(name))
      .join("\r\n")}\r\nbody\r\n`;
    topic.invalid(`missing.${name.toLowerCase()}`, `No ${name}`, text, `${name} has to be there`, {
      op: "header.check",
      spec: ["RFC5322#3.6"],
      flags: ["MissingField"],
    });
  }
  const sender = "From: ann@example.com, ben@example.com\r\nDate: 27 Nov 2026 00:00:00 +0000\r\n\r\nbody\r\n";
  topic.invalid("missing.sender", "Two authors and no Sender", sender, "Sender has to say who sent it", {
    op: "header.check",
    spec: ["RFC5322#3.6.2"],
    flags: ["MultipleFrom"],
  });
  topic.valid(
    "complete",
    "A complete header",
    `${base}\r\nbody\r\n`,
    { problems: 0 },
    { op: "header.check", spec: ["RFC5322#3.6"] },
  );
}
