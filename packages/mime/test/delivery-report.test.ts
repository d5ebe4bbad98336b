import assert from "node:assert/strict";
import { test } from "node:test";
import {
  composeDeliveryReport,
  composeMessage,
  contentTypeOf,
  type DeliveryReportDraft,
  fields,
  type MessageDraft,
  parseHeader,
  parseMessage,
  partBytes,
} from "@scop/mime";
import { equalBytes, latin1, latin1Bytes, utf8Bytes, utf8Lossy } from "@scop/wire";
import fc from "fast-check";
import { DRAFT, mailbox, readBack } from "./draft.ts";
import { outline } from "./helpers.ts";

const REPORT: DeliveryReportDraft = {
  from: { name: "Mail Delivery System", mailbox: mailbox("MAILER-DAEMON@mx.example.com") },
  to: mailbox("ann@example.com"),
  subject: "Undelivered mail",
  date: DRAFT.date,
  messageId: "report@example.com",
  text: "Your message could not be delivered.\n",
  reportingMta: "mx.example.com",
  arrivalDate: DRAFT.date,
  recipients: [
    {
      finalRecipient: mailbox("bob@example.net"),
      action: "failed",
      status: "5.1.1",
      remoteMta: "mx.example.net",
      diagnosticCode: "550 5.1.1 No such user",
      lastAttempt: DRAFT.date,
    },
  ],
  original: { kind: "header", bytes: latin1Bytes("Subject: Hello\r\nFrom: ann@example.com\r\n\r\n") },
};

test("a delivery report has a text, the status and the header that it is about", () => {
  const message = readBack(composeDeliveryReport(REPORT));
  assert.equal(outline(message.root), "multipart/report(text/plain message/delivery-status text/rfc822-headers)");
  const parameters = contentTypeOf(message, message.root).parameters;
  assert.deepEqual(parameters[0], { name: "report-type", value: "delivery-status" });
  const [, status, original] = message.root.children;
  assert.equal(
    latin1(partBytes(message, status!)),
    [
      "Reporting-MTA: dns; mx.example.com",
      "Arrival-Date: Mon, 23 Nov 2026 11:00:00 +0100",
      "",
      "Final-Recipient: rfc822; bob@example.net",
      "Action: failed",
      "Status: 5.1.1",
      "Remote-MTA: dns; mx.example.net",
      "Diagnostic-Code: smtp; 550 5.1.1 No such user",
      "Last-Attempt-Date: Mon, 23 Nov 2026 11:00:00 +0100",
      "",
    ].join("\r\n"),
  );
  assert.ok(equalBytes(partBytes(message, original!), REPORT.original.bytes));
  assert.equal(fields(message.header, "auto-submitted").length, 1);
});

test("a report about an address that is not ASCII is a global one", () => {
  const bytes = utf8Bytes("From: jörg@example.com\r\n\r\nbody\r\n");
  const message = parseMessage(
    composeDeliveryReport({
      ...REPORT,
      recipients: [{ ...REPORT.recipients[0]!, finalRecipient: mailbox("jörg@example.net") }],
      original: { kind: "message", bytes },
    }),
  );
  assert.equal(
    outline(message.root),
    "multipart/report(text/plain message/global-delivery-status message/global(text/plain))",
  );
  assert.match(
    utf8Lossy(partBytes(message, message.root.children[1]!)),
    /Final-Recipient: utf-8; jörg@example.net\r\n/,
  );
});

test("a report within a report keeps its parts", () => {
  const bytes = composeDeliveryReport(REPORT);
  const message = readBack(composeDeliveryReport({ ...REPORT, original: { kind: "message", bytes } }));
  assert.equal(
    outline(message.root),
    "multipart/report(text/plain message/delivery-status message/rfc822(multipart/report(text/plain message/delivery-status text/rfc822-headers)))",
  );
});

test("whatever a remote server says, the status has the fields that it should have", () => {
  const unit = fc.constantFrom(
    "a",
    " ",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "Action: delivered",
    "é",
    ":",
    "x".repeat(1200),
    "\ud800",
  );
  fc.assert(
    fc.property(
      fc.array(unit).map(list => list.join("")),
      text => {
        const recipient = { ...REPORT.recipients[0]!, status: text, remoteMta: text, diagnosticCode: text };
        const bytes = composeDeliveryReport({
          ...REPORT,
          subject: text,
          envelopeId: text,
          reportingMta: text,
          recipients: [recipient],
        });
        const message = readBack(bytes);
        const names = parseHeader(bytes).header.map(field => field.name);
        assert.deepEqual(names, [
          "Date",
          "From",
          "To",
          "Subject",
          "Message-ID",
          "Auto-Submitted",
          "MIME-Version",
          "Content-Type",
        ]);
        const status = partBytes(message, message.root.children[1]!);
        const first = parseHeader(status);
        assert.deepEqual(
          first.header.map(field => field.name),
          ["Original-Envelope-Id", "Reporting-MTA", "Arrival-Date"],
        );
        const second = parseHeader(status.subarray(first.bodyOffset));
        assert.deepEqual(
          second.header.map(field => field.name),
          ["Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date"],
        );
        assert.deepEqual([...first.diagnostics, ...second.diagnostics], []);
      },
    ),
    { numRuns: 300 },
  );
});

test("a message may be a report of another kind, with an attachment for machines", () => {
  const draft: MessageDraft = {
    from: [{ name: "", mailbox: mailbox("a@example.com") }],
    date: { instant: 0, offsetMinutes: 0 },
    messageId: "1@example.com",
    text: "for people",
    reportType: "tlsrpt",
    attachments: [
      { mediaType: "application/tlsrpt+gzip", fileName: "x.gz", disposition: "attachment", bytes: new Uint8Array(3) },
    ],
  };
  const message = parseMessage(composeMessage(draft));
  assert.equal(outline(message.root), "multipart/report(text/plain application/tlsrpt+gzip)");
  assert.deepEqual(contentTypeOf(message, message.root).parameters[0], { name: "report-type", value: "tlsrpt" });
  assert.throws(() => composeMessage({ ...draft, reportType: "a; b=c" }), /a token/);
});
