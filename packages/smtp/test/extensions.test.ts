import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { formatMail, formatRecipient, type MailParameters, parseCommand, type RecipientParameters } from "@scop/smtp";
import { latin1Bytes, utf8Bytes } from "@scop/wire";
import fc from "fast-check";
import { converse as asClient, to } from "./client-machine.ts";
import { codes, converse, HELLO } from "./machine.ts";
import { envelope, keeper, listen, open } from "./world.ts";

function mail(parameters: string): MailParameters | string {
  const read = parseCommand(latin1Bytes(`MAIL FROM:<a@example.org> ${parameters}`));
  if (!read.ok) return read.fault;
  return read.command.verb === "MAIL" ? read.command.parameters : "another verb";
}

function recipient(parameters: string): RecipientParameters | string {
  const read = parseCommand(latin1Bytes(`RCPT TO:<a@example.org> ${parameters}`));
  if (!read.ok) return read.fault;
  return read.command.verb === "RCPT" ? read.command.parameters : "another verb";
}

const plain = { size: undefined, body: "7bit", utf8: false } as const;

const mails: readonly (readonly [parameters: string, read: MailParameters | string])[] = [
  ["RET=FULL", { ...plain, returned: "message" }],
  ["ret=hdrs", { ...plain, returned: "header" }],
  ["RET=", "parameter-value"],
  ["RET", "parameter-value"],
  ["RET=FULL RET=FULL", "parameter-value"],
  ["ENVID=QQ314159", { ...plain, envelopeId: "QQ314159" }],
  ["ENVID=a+20b+2Bc", { ...plain, envelopeId: "a b+c" }],
  ["ENVID=a+0Db", "parameter-value"],
  ["ENVID=", "parameter-value"],
  [`ENVID=${"x".repeat(101)}`, "parameter-value"],
  ["REQUIRETLS", { ...plain, tls: "required" }],
  ["requiretls=yes", "parameter-value"],
  ["REQUIRETLS=", "parameter-value"],
  ["HOLDFOR=60", { ...plain, hold: { forMs: 60_000 } }],
  ["HOLDFOR=-1", "parameter-value"],
  ["HOLDFOR=9999999999", "parameter-value"],
  ["HOLDUNTIL=2026-01-01T12:00:00Z", { ...plain, hold: { until: Date.UTC(2026, 0, 1, 12) } }],
  ["HOLDUNTIL=2026-01-01t12:00:00.5+01:00", { ...plain, hold: { until: Date.UTC(2026, 0, 1, 11) } }],
  ["HOLDUNTIL=2026-13-01T12:00:00Z", "parameter-value"],
  ["HOLDUNTIL=2026-01-01", "parameter-value"],
  ["HOLDFOR=1 HOLDUNTIL=2026-01-01T12:00:00Z", "parameter-value"],
];
for (const [parameters, read] of mails) {
  test(`MAIL with ${parameters.slice(0, 60)}`, () => assert.deepEqual(mail(parameters), read));
}

const recipients: readonly (readonly [parameters: string, read: RecipientParameters | string])[] = [
  ["NOTIFY=NEVER", { notify: [] }],
  ["NOTIFY=success,Delay", { notify: ["success", "delay"] }],
  ["NOTIFY=SUCCESS,NEVER", "parameter-value"],
  ["NOTIFY=FAILURE,FAILURE", "parameter-value"],
  ["NOTIFY=", "parameter-value"],
  ["NOTIFY=FAILURE,", "parameter-value"],
  ["ORCPT=rfc822;Bob+40x@example.org", { originalRecipient: { type: "rfc822", address: "Bob@x@example.org" } }],
  ["ORCPT=rfc822", "parameter-value"],
  ["ORCPT=;a@b", "parameter-value"],
  ["ORCPT=rfc822;", "parameter-value"],
  [`ORCPT=rfc822;${"x".repeat(501)}`, "parameter-value"],
  ["RET=FULL", "parameter-unknown"],
];
for (const [parameters, read] of recipients) {
  test(`RCPT with ${parameters.slice(0, 60)}`, () => assert.deepEqual(recipient(parameters), read));
}

test("parameters are read as they were written", () => {
  const printable = fc.string({
    minLength: 1,
    maxLength: 30,
    unit: fc.integer({ min: 32, max: 126 }).map(code => String.fromCharCode(code)),
  });
  const mailParameters = fc.record(
    {
      size: fc.constantFrom(undefined, 0, 4711),
      body: fc.constantFrom("7bit", "8bitmime", "binarymime"),
      utf8: fc.boolean(),
      tls: fc.constant("required"),
      returned: fc.constantFrom("message", "header"),
      envelopeId: printable,
    } as const,
    { requiredKeys: ["size", "body", "utf8"], noNullPrototype: true },
  );
  const recipientParameters = fc.record(
    {
      notify: fc.uniqueArray(fc.constantFrom("success", "failure", "delay")),
      originalRecipient: fc.record(
        { type: fc.constantFrom("rfc822", "utf-8", "x400"), address: printable },
        { noNullPrototype: true },
      ),
    } as const,
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(mailParameters, recipientParameters, (forMail, forRecipient) => {
      const { reversePath, recipients: paths } = to("b@example.net");
      const read = [formatMail(reversePath, forMail), formatRecipient(paths[0]!, forRecipient)].map(line =>
        parseCommand(utf8Bytes(line)),
      );
      assert(read[0]?.ok && read[0].command.verb === "MAIL" && read[1]?.ok && read[1].command.verb === "RCPT");
      assert.deepEqual(read[0].command.parameters, forMail);
      assert.deepEqual(read[1].command.parameters, forRecipient);
    }),
  );
});

const notOffered: readonly (readonly [what: string, sent: string, code: number])[] = [
  ["RET", "MAIL FROM:<> RET=FULL\r\n", 555],
  ["ENVID", "MAIL FROM:<> ENVID=a\r\n", 555],
  ["NOTIFY", "MAIL FROM:<>\r\nRCPT TO:<b@scop.test> NOTIFY=NEVER\r\n", 555],
  ["BODY=BINARYMIME", "MAIL FROM:<> BODY=BINARYMIME\r\n", 555],
  ["HOLDFOR", "MAIL FROM:<> HOLDFOR=1\r\n", 555],
];
for (const [what, sent, code] of notOffered) {
  test(`${what} where it was not announced, or after HELO: ${code}`, () => {
    const none = { extensions: [], futureRelease: undefined } as const;
    assert.equal(codes(converse([HELLO, sent], none).said).at(-1), code);
    assert.equal(codes(converse(["HELO client.example\r\n", sent]).said).at(-1), code);
    assert.equal(codes(converse([HELLO, sent]).said).at(-1), 250);
  });
}

for (const [sent, code] of [
  ["HOLDFOR=86400", 250],
  ["HOLDFOR=86401", 501],
  ["HOLDUNTIL=2026-01-02T00:00:00Z", 250],
  ["HOLDUNTIL=2026-01-02T00:00:01Z", 501],
] as const) {
  test(`a message held for ${sent} where a day is the limit: ${code}`, () => {
    assert.equal(codes(converse([HELLO, `MAIL FROM:<> ${sent}\r\n`]).said).at(-1), code);
  });
}

test("what was said about each recipient reaches the stage, in order", () => {
  const seen: unknown[] = [];
  const sent = "MAIL FROM:<>\r\nRCPT TO:<a@scop.test> NOTIFY=NEVER\r\nRCPT TO:<b@scop.test>\r\nDATA\r\n";
  converse([HELLO, sent], {}, question => {
    if (question.ask === "data") seen.push(...question.envelope.recipientParameters);
    return undefined;
  });
  assert.deepEqual(seen, [{ notify: [] }, {}]);
});

test("a client says what a sender wants to know to servers that know DSN, and to no other", () => {
  const wanted = {
    ...to("b@example.net", "c@example.net"),
    returned: "header",
    envelopeId: "x y",
    recipientParameters: [
      { notify: ["success", "failure"], originalRecipient: { type: "rfc822", address: "b=b@example.net" } },
    ],
  } as const;
  const lines = (keyword: string): string =>
    asClient([`220 mx\r\n250-mx\r\n250-PIPELINING\r\n250 ${keyword}\r\n`, { on: "send", envelope: wanted }]).wrote[1]!;
  const known =
    "MAIL FROM:<a@example.org> RET=HDRS ENVID=x+20y\r\nRCPT TO:<b@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+3Db@example.net\r\nRCPT TO:<c@example.net>\r\nDATA\r\n";
  assert.equal(lines("DSN"), known);
  assert.equal(
    lines("HELP"),
    "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n",
  );
});

test("REQUIRETLS is offered and obeyed under TLS alone", () => {
  const options = { extensions: ["REQUIRETLS"] } as const;
  const mailFrom = "MAIL FROM:<> REQUIRETLS\r\n";
  const clear = converse([HELLO, mailFrom], options);
  assert.doesNotMatch(clear.said, /REQUIRETLS/);
  assert.equal(codes(clear.said).at(-1), 555);
  const secured = converse([HELLO, mailFrom], options, undefined, "tls");
  assert.match(secured.said, /^250-REQUIRETLS\r$/m);
  assert.equal(codes(secured.said).at(-1), 250);
  assert.equal(codes(converse([HELLO, mailFrom], {}, undefined, "tls").said).at(-1), 555);
});

test("a client sends a message that requires TLS to a server that promises as much, and to no other", async () => {
  const required = { ...envelope("b@scop.test"), tls: "required" } as const;
  const rows = [
    ["opportunistic", ["REQUIRETLS"], "delivered"],
    ["opportunistic", [], "permanent"],
    ["none", ["REQUIRETLS"], "permanent"],
  ] as const;
  for (const [mode, extensions, outcome] of rows) {
    const world = simulation();
    const { handler, kept } = keeper();
    const asked: unknown[] = [];
    const mail = async (...[, , parameters]: Parameters<typeof handler.mail>): Promise<undefined> => {
      asked.push(parameters.tls);
    };
    listen(world, { handler: { ...handler, mail }, extensions });
    const tls = mode === "none" ? ({ mode } as const) : ({ mode, serverName: "mx.scop.test" } as const);
    const opened = await world.until(open(world, { tls }));
    assert(opened.ok);
    const [found] = await world.until(opened.client.send(required, [latin1Bytes("hi\r\n")]));
    assert.equal(found?.outcome, outcome, `${mode} ${extensions.join()}`);
    assert.deepEqual(asked, outcome === "delivered" ? ["required"] : []);
    assert.equal(kept.messages.length, asked.length);
    if (found?.outcome === "permanent")
      assert.deepEqual(found.failure, { blame: "caller", kind: "unsupported", extension: "REQUIRETLS" });
  }
});

const limits: readonly (readonly [line: string, mailMax: number | undefined, recipientsMax: number | undefined])[] = [
  ["LIMITS MAILMAX=20 RCPTMAX=100", 20, 100],
  ["limits rcptmax=1", undefined, 1],
  ["LIMITS MAILMAX=0 RCPTMAX=x RCPTDOMAINMAX=1", undefined, undefined],
  ["LIMITS MAILMAX=1000000", undefined, undefined],
  ["LIMITS", undefined, undefined],
];
for (const [line, mailMax, recipientsMax] of limits) {
  test(`a server that says ${line}`, () => {
    const { capabilities } = asClient([`220 mx\r\n250-mx\r\n250 ${line}\r\n`]).state;
    assert.deepEqual([capabilities.mailMax, capabilities.recipientsMax], [mailMax, recipientsMax]);
  });
}

test("what a listener offers is what its options say", async () => {
  const world = simulation();
  const { handler } = keeper();
  listen(world, { handler, extensions: ["CHUNKING", "DSN"], holdMsMax: 3_600_000 });
  const opened = await world.until(open(world));
  assert(opened.ok);
  const { capabilities } = opened.client;
  assert.deepEqual([capabilities.chunking, capabilities.binary, capabilities.dsn], [true, false, true]);
  const outcomes = await world.until(opened.client.send(envelope("b@scop.test"), [latin1Bytes("hi\r\n")]));
  assert.equal(outcomes[0]?.outcome, "delivered");
});
