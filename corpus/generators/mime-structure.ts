import type { Library, More, Topic } from "./topic.ts";

const HEAD = "From: ann@example.com\r\nDate: 27 Nov 2026 09:55:06 +0100\r\nMIME-Version: 1.0\r\n";
const PLAIN = { type: "text/plain" };
const MIXED_TWO = { type: "multipart/mixed", parts: [PLAIN, PLAIN] };

function text(content: string): { readonly type: string; readonly base64: string } {
  return { type: "text/plain", base64: Buffer.from(content).toString("base64") };
}

/** Two texts, a and b, with a boundary as the parameter has it and as the lines have it. */
function two(parameter: string, line: string, end = "\r\n"): string {
  return `${HEAD}Content-Type: multipart/mixed; boundary=${parameter}\r\n\r\n--${line}\r\n\r\na\r\n--${line}\r\n\r\nb\r\n--${line}--\r\n`.replaceAll(
    "\r\n",
    end,
  );
}

const TWO = { tree: MIXED_TWO, leaves: [text("a"), text("b")] };

function boundaries(topic: Topic): void {
  for (const sign of "'()+_,-./:=?") {
    const boundary = `x${sign}y`;
    topic.valid(
      `boundary.sign-${sign.charCodeAt(0).toString(16)}`,
      `A boundary with ${sign} in quotes`,
      two(`"${boundary}"`, boundary),
      TWO,
    );
  }
  for (const length of [1, 2, 10, 69, 70]) {
    const boundary = "b".repeat(length);
    topic.valid(`boundary.length-${length}`, `A boundary of ${length} characters`, two(boundary, boundary), TWO);
  }
  for (const length of [71, 200]) {
    const boundary = "b".repeat(length);
    topic.invalid(
      `boundary.length-${length}`,
      `A boundary of ${length} characters`,
      two(boundary, boundary),
      "70 characters at most",
      { lenient: { oneOf: [TWO, { leaves: [] }] }, flags: ["BoundaryConfusion"] },
    );
  }
  const rows: readonly (readonly [key: string, about: string, message: string])[] = [
    ["space-within", "a space within the boundary", two('"x y"', "x y")],
    ["token", "a boundary without quotes", two("simple", "simple")],
    ["quoted-pair", "a quoted pair in the boundary", two('"x\\y"', "xy")],
    ["upper", "the parameter in upper case", two("x", "x").replace("boundary", "BOUNDARY")],
    ["folded", "a folded parameter", two("x", "x").replace("; boundary", ";\r\n boundary")],
    ["comment", "a comment before the parameter", two("x", "x").replace("; boundary", " (c); boundary")],
    ["padding", "white space behind the delimiter", two("x", "x").replaceAll("--x\r\n", "--x \t\r\n")],
    ["preamble", "a preamble", two("x", "x").replace("\r\n\r\n--x", "\r\n\r\nnothing\r\n--x")],
    ["preamble-blank", "a blank line as preamble", two("x", "x").replace("\r\n\r\n--x", "\r\n\r\n\r\n--x")],
    [
      "preamble-like",
      "a preamble that looks like a delimiter",
      two("x", "x").replace("\r\n\r\n--x", "\r\n\r\n --x\r\n-x\r\n--x"),
    ],
    ["epilogue", "an epilogue", `${two("x", "x")}nothing\r\n`],
    ["epilogue-delimiter", "a delimiter in the epilogue", `${two("x", "x")}--x\r\n\r\nc\r\n--x--\r\n`],
    ["no-last-line", "no line end behind the close delimiter", two("x", "x").slice(0, -2)],
    [
      "case",
      "a line that differs in case is no delimiter",
      two("x", "x").replace("b\r\n", "b\r\n").replace("nothing", "--X"),
    ],
  ];
  for (const [key, about, message] of rows) topic.valid(`delimiter.${key}`, `Two parts: ${about}`, message, TWO);
  topic.valid(
    "delimiter.like-in-body",
    "Lines that begin as a delimiter does and are none",
    two("xy", "xy").replace("\r\na\r\n", "\r\n--x\r\n --xy\r\nxy\r\n\r\n"),
    { tree: MIXED_TWO, leaves: [text("--x\r\n --xy\r\nxy\r\n"), text("b")] },
  );
  topic.valid(
    "delimiter.case-in-body",
    "A line that differs from the delimiter in case",
    two("xy", "xy").replace("\r\na\r\n", "\r\n--XY\r\n"),
    { tree: MIXED_TWO, leaves: [text("--XY"), text("b")] },
  );
}

/** Messages that no rule allows, and the trees that tolerant readers make of them. */
function ambiguous(topic: Topic): void {
  const odd = (key: string, about: string, message: string, readings: readonly object[], more: More = {}): void =>
    topic.invalid(`ambiguous.${key}`, `Ambiguous: ${about}`, message, about, {
      flags: ["MimeAmbiguity", "AttachmentHiding"],
      importance: "high",
      origin: "paper",
      lenient: { oneOf: readings },
      ...more,
    });
  const whole = { tree: { type: "multipart/mixed", parts: [] } };
  const plainAll = { tree: PLAIN };
  const type = (value: string): string => `Content-Type: ${value}\r\n`;
  odd(
    "type-twice",
    "two Content-Type fields, multipart first",
    two("x", "x")
      .replace(HEAD, HEAD)
      .replace("\r\n\r\n--x", `\r\n${type("text/plain")}\r\n--x`),
    [TWO, plainAll],
    { spec: ["RFC5322#3.6", "RFC2045#3"], flags: ["MimeAmbiguity", "DuplicateField", "AttachmentHiding"] },
  );
  odd(
    "type-twice-last",
    "two Content-Type fields, multipart last",
    two("x", "x").replace(HEAD, HEAD + type("text/plain")),
    [plainAll, TWO],
    { spec: ["RFC5322#3.6", "RFC2045#3"], flags: ["MimeAmbiguity", "DuplicateField", "AttachmentHiding"] },
  );
  odd("boundary-twice", "two boundary parameters", two("x; boundary=y", "x"), [TWO, whole, plainAll], {
    flags: ["MimeAmbiguity", "BoundaryConfusion", "AttachmentHiding"],
  });
  odd(
    "boundary-fields",
    "two Content-Type fields with two boundaries",
    two("x", "x").replace("\r\n\r\n--x", `\r\n${type("multipart/mixed; boundary=y")}\r\n--x`),
    [TWO, whole, plainAll],
    { flags: ["MimeAmbiguity", "DuplicateField", "BoundaryConfusion", "AttachmentHiding"] },
  );
  odd("boundary-none", "no boundary", two("x", "x").replace("; boundary=x", ""), [
    whole,
    plainAll,
    TWO,
    { tree: { type: "multipart/mixed" } },
  ]);
  odd("boundary-empty", "an empty boundary", two('""', ""), [
    whole,
    plainAll,
    TWO,
    { tree: { type: "multipart/mixed" } },
  ]);
  odd("boundary-space-end", "a boundary that ends with a space", two('"x "', "x "), [TWO, whole, plainAll]);
  odd("boundary-2231", "a boundary by RFC 2231", two("x", "x").replace("boundary=x", "boundary*=us-ascii''x"), [
    TWO,
    whole,
    plainAll,
  ]);
  odd(
    "boundary-sections",
    "a boundary in sections",
    two("x", "xy").replace("boundary=x", "boundary*0=x; boundary*1=y"),
    [TWO, whole, plainAll],
    { spec: ["RFC2231#3"] },
  );
  odd("boundary-encoded-word", "a boundary as an encoded-word", two('"=?utf-8?q?x?="', "x"), [whole, plainAll, TWO]);
  odd("not-closed", "no close delimiter", two("x", "x").replace("--x--\r\n", ""), [TWO, { tree: MIXED_TWO }]);
  odd("not-closed-last", "no line end and no close delimiter", two("x", "x").replace("\r\n--x--\r\n", ""), [
    TWO,
    { tree: MIXED_TWO },
  ]);
  odd("bare-lf", "line ends without CR", two("x", "x", "\n"), [TWO], {
    spec: ["RFC2046#4.1.1"],
    flags: ["BareLineEnd", "MimeAmbiguity"],
  });
  odd("bare-cr", "line ends without LF", two("x", "x", "\r"), [plainAll, TWO, whole, {}], {
    spec: ["RFC2046#4.1.1"],
    flags: ["BareLineEnd", "MimeAmbiguity"],
  });
  odd(
    "cr-delimiter",
    "a CR before the delimiter",
    two("x", "x").replace("a\r\n--x", "a\r--x"),
    [{ leaves: [text("a\r--x\r\n\r\nb")] }, TWO],
    { flags: ["BareLineEnd", "MimeAmbiguity", "AttachmentHiding"] },
  );
  odd("delimiter-behind-text", "text before the delimiter on its line", two("x", "x").replace("a\r\n--x", "a--x"), [
    { leaves: [text("a--x\r\n\r\nb")] },
  ]);
  odd(
    "header-space",
    "a space before the colon of Content-Type",
    two("x", "x").replace("Content-Type:", "Content-Type :"),
    [TWO, plainAll],
  );
  odd(
    "header-fold-first",
    "Content-Type that begins with white space",
    two("x", "x").replace("Content-Type:", " Content-Type:"),
    [plainAll, TWO],
  );
  odd("type-malformed", "a type without a subtype", two("x", "x").replace("multipart/mixed", "multipart"), [
    plainAll,
    TWO,
    whole,
  ]);
  odd("type-comma", "a comma for a semicolon", two("x", "x").replace("mixed; ", "mixed, "), [
    plainAll,
    TWO,
    whole,
    { tree: { type: "multipart/mixed" } },
  ]);
  odd("type-nul", "NUL in the type", two("x", "x").replace("mixed", "mi\u0000xed"), [plainAll, TWO, whole, {}], {
    flags: ["MimeAmbiguity", "ControlOctet", "AttachmentHiding"],
  });
  odd(
    "encoding-multipart",
    "base64 on a multipart",
    two("x", "x").replace("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n"),
    [TWO, whole, plainAll, {}],
    { spec: ["RFC2045#6.4"] },
  );
  odd(
    "encoding-twice",
    "two Content-Transfer-Encoding fields",
    `${HEAD}Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\nYWJj\r\n`,
    [{ leaves: [text("abc")] }, { leaves: [text("YWJj\r\n")] }],
    { spec: ["RFC5322#3.6"], flags: ["DuplicateField", "MimeAmbiguity", "DecoderConfusion"] },
  );
  odd(
    "encoding-unknown",
    "an unknown encoding",
    `${HEAD}Content-Transfer-Encoding: x-rot13\r\n\r\nabc\r\n`,
    [{ leaves: [text("abc\r\n")] }, { leaves: [{ type: "application/octet-stream" }] }],
    { spec: ["RFC2045#6.4"], flags: ["DecoderConfusion"] },
  );
  odd(
    "encoding-space",
    "two words as an encoding",
    `${HEAD}Content-Transfer-Encoding: base64 7bit\r\n\r\nYWJj\r\n`,
    [{ leaves: [text("YWJj\r\n")] }, { leaves: [text("abc")] }],
    { spec: ["RFC2045#6.1"], flags: ["DecoderConfusion", "MimeAmbiguity"] },
  );
  odd("header-no-blank", "no blank line before the first delimiter", two("x", "x").replace("\r\n\r\n--x", "\r\n--x"), [
    TWO,
    whole,
    plainAll,
    {},
  ]);
  odd("part-no-blank", "no blank line in a part", two("x", "x").replace("--x\r\n\r\na", "--x\r\na"), [
    { leaves: [text("a"), text("b")] },
    { leaves: [text(""), text("b")] },
    { tree: MIXED_TWO },
  ]);
  odd(
    "empty-multipart",
    "a multipart without parts",
    `${HEAD}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x--\r\n`,
    [whole, plainAll, { tree: { type: "multipart/mixed" } }, { leaves: [] }],
  );
}

function nested(inner: string, outer: string): string {
  return `${HEAD}Content-Type: multipart/mixed; boundary=${outer}\r\n\r\n--${outer}\r\nContent-Type: multipart/alternative; boundary=${inner}\r\n\r\n--${inner}\r\n\r\na\r\n--${inner}--\r\n--${outer}\r\n\r\nb\r\n--${outer}--\r\n`;
}

function nesting(topic: Topic): void {
  const tree = { type: "multipart/mixed", parts: [{ type: "multipart/alternative", parts: [PLAIN] }, PLAIN] };
  const value = { tree, leaves: [text("a"), text("b")] };
  for (const [inner, outer] of [
    ["in", "out"],
    ["x", "xy"],
    ["xy", "x"],
    ["x-1", "x"],
    ["x--", "x"],
    ["--x", "x"],
  ] as const) {
    topic.valid(
      `nested.${inner.replaceAll("-", "d")}-in-${outer}`,
      `The boundary ${inner} within ${outer}`,
      nested(inner, outer),
      value,
      { flags: inner.startsWith(outer) || outer.startsWith(inner) ? ["BoundaryPrefix"] : [] },
    );
  }
  topic.valid(
    "nested.inner-open",
    "An inner multipart that ends with its holder",
    nested("in", "out").replace("\r\n--in--", ""),
    { leaves: [text("a"), text("b")] },
    { flags: ["BoundaryConfusion"], spec: ["RFC2046#5.1.2"] },
  );
  topic.invalid("nested.same", "One boundary for both", nested("x", "x"), "a boundary has to be its own", {
    flags: ["BoundaryConfusion"],
    lenient: { oneOf: [{ tree: { type: "multipart/mixed" } }] },
  });
  const digest = `${HEAD}Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\nSubject: a\r\n\r\nb\r\n--x--\r\n`;
  topic.valid(
    "digest",
    "A part of a digest is a message where it does not say otherwise",
    digest,
    { tree: { type: "multipart/digest", parts: [{ type: "message/rfc822", parts: [PLAIN] }] } },
    { spec: ["RFC2046#5.1.5"] },
  );
  topic.valid(
    "digest-typed",
    "A part of a digest that says what it is",
    digest.replace("--x\r\n\r\n", "--x\r\nContent-Type: text/plain\r\n\r\n"),
    { tree: { type: "multipart/digest", parts: [PLAIN] } },
    { spec: ["RFC2046#5.1.5"] },
  );
  for (const [key, type] of [
    ["rfc822", "message/rfc822"],
    ["global", "message/global"],
  ] as const) {
    const message = `${HEAD}Content-Type: ${type}\r\n\r\nSubject: inner\r\n\r\nx\r\n`;
    topic.valid(
      `message.${key}`,
      `A message within, ${type}`,
      message,
      { tree: { type, parts: [PLAIN] } },
      { spec: [key === "rfc822" ? "RFC2046#5.2.1" : "RFC6532#3.7"] },
    );
  }
  for (const type of [
    "text/plain",
    "TEXT/Plain",
    "text/plain; charset=utf-8",
    "text/plain;",
    " text/plain ",
    "text/plain (c)",
    "(c) text/plain",
  ]) {
    topic.valid(
      `type.${Buffer.from(type).toString("hex")}`,
      `The type ${JSON.stringify(type)}`,
      `${HEAD}Content-Type: ${type}\r\n\r\na\r\n`,
      { tree: PLAIN, leaves: [text("a\r\n")] },
      { spec: ["RFC2045#5.1"] },
    );
  }
  for (const type of ["", "text", "/", "text/", "/plain", "te xt/plain", "text/plain/x", "\u00fc/x"]) {
    topic.acceptable(
      `type-none.${Buffer.from(type).toString("hex") || "empty"}`,
      `No type: ${JSON.stringify(type)}`,
      `${HEAD}Content-Type: ${type}\r\n\r\na\r\n`,
      { oneOf: [{ tree: PLAIN }, { tree: { type: "application/octet-stream" } }] },
      { spec: ["RFC2045#5.2"], flags: ["Malformed"] },
    );
  }
}

function bombs(topic: Topic): void {
  const more = (flag: string): More => ({ flags: [flag], ms: 20_000, importance: "high" });
  for (const depth of [10, 90, 500, 3_000]) {
    const open = Array.from(
      { length: depth },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join("");
    topic.acceptable(
      `depth.multipart-${depth}`,
      `${depth} multiparts in each other`,
      `${HEAD}${open}\r\na\r\n`,
      { done: true },
      more("NestingBomb"),
    );
    const messages = `${HEAD}${"Content-Type: message/rfc822\r\n\r\n".repeat(depth)}\r\na\r\n`;
    topic.acceptable(
      `depth.message-${depth}`,
      `${depth} messages in each other`,
      messages,
      { done: true },
      more("NestingBomb"),
    );
  }
  for (const parts of [100, 5_000, 20_000]) {
    const message = `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\n\r\n".repeat(parts)}--b--\r\n`;
    topic.acceptable(`parts.${parts}`, `${parts} empty parts`, message, { done: true }, more("PartBomb"));
    const near = `${HEAD}Content-Type: multipart/mixed; boundary=${"b".repeat(60)}\r\n\r\n${`--${"b".repeat(59)}\r\n`.repeat(parts)}`;
    topic.acceptable(
      `near.${parts}`,
      `${parts} lines that are nearly delimiters`,
      near,
      { done: true },
      more("PartBomb"),
    );
  }
  for (const count of [1_000, 20_000]) {
    topic.acceptable(
      `fields.${count}`,
      `${count} fields`,
      `${HEAD}${"X: y\r\n".repeat(count)}\r\na\r\n`,
      { done: true },
      more("HeaderFlood"),
    );
    topic.acceptable(
      `blank.${count}`,
      `${count} blank lines`,
      `${HEAD}\r\n${"\r\n".repeat(count)}`,
      { done: true },
      more("PartBomb"),
    );
  }
}

export function mimeStructure(library: Library): void {
  const topic = library.topic({
    area: "mime",
    topic: "structure",
    description: "Boundaries, nesting, types, and messages that readers see differently",
    op: "mime.parse",
    spec: ["RFC2046#5.1.1"],
  });
  boundaries(topic);
  nesting(topic);
  ambiguous(topic);
  bombs(topic);
}
