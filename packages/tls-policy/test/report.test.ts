import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMailbox } from "@scop/address";
import { GROWTH_MAX, growth } from "@scop/sim";
import { formatTlsReport, parseReportRecord, parseTlsReport, reportRecordName, type TlsReport } from "@scop/tls-policy";
import { tlsReportOf } from "@scop/tls-policy/arbitrary";
import { utf8Bytes } from "@scop/wire";
import fc from "fast-check";

const records: readonly (readonly [texts: readonly string[], destinations: readonly string[]])[] = [
  [["v=TLSRPTv1; rua=mailto:reports@example.com"], ["reports@example.com"]],
  [["v=TLSRPTv1;rua=https://reporting.example.com/v1/tlsrpt;"], ["https://reporting.example.com/v1/tlsrpt"]],
  [
    ["v=TLSRPTv1; rua=mailto:a@example.com, HTTPS://b.example/ ,mailto:c@example.com?subject=x"],
    ["a@example.com", "https://b.example/", "c@example.com"],
  ],
  [["v=TLSRPTv1; rua=mailto:a%2Bb@example.com"], ["a+b@example.com"]],
  [["v=TLSRPTv1; rua=mailto:a%0Ab@example.com,ftp://x,mailto:nobody,https:x,mailto:"], []],
  [
    ["v=TLSRPTv1; rua=https://b.example:443?a=b/c,https://b.example:8443/,https://192.0.2.1/,https://x@b.example/"],
    ["https://b.example:443?a=b/c"],
  ],
  [
    ["v=TLSRPTv1; rua=https://b.example/#x,https://,https:///x,https://[2001:db8::1]/,https://b.example"],
    ["https://b.example"],
  ],
  [["v=TLSRPTv1; rua="], []],
  [["v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"], []],
  [["v=TLSRPTv2; rua=mailto:a@example.com"], []],
  [[`v=TLSRPTv1; rua=${"mailto:a@example.com,".repeat(20)}`], Array(10).fill("a@example.com")],
  [[], []],
];

for (const [texts, destinations] of records) {
  test(`reports for ${JSON.stringify(texts).slice(0, 80)} go to ${destinations.join(" and ") || "nobody"}`, () => {
    const found = parseReportRecord(texts).map(each => (each.by === "mail" ? formatMailbox(each.mailbox) : each.url));
    assert.deepEqual(found, destinations);
  });
}

test("a web server is known by its host and the path there", () => {
  const texts = ["v=TLSRPTv1; rua=https://B.example:443?a=b/c,https://b.example/v1/r?x,https://b.example"];
  const found = parseReportRecord(texts).map(each => (each.by === "https" ? `${each.host} ${each.path}` : ""));
  assert.deepEqual(found, ["b.example /?a=b/c", "b.example /v1/r?x", "b.example /"]);
});

test("the record stands under its own name", () =>
  assert.equal(reportRecordName("example.com"), "_smtp._tls.example.com"));

/** RFC 8460 B, its hosts and texts made shorter. */
const EXAMPLE = {
  "organization-name": "Company-X",
  "date-range": { "start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z" },
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  policies: [
    {
      policy: {
        "policy-type": "sts",
        "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"],
        "policy-domain": "company-y.example",
        "mx-host": ["*.mail.company-y.example"],
      },
      summary: { "total-successful-session-count": 5326, "total-failure-session-count": 303 },
      "failure-details": [
        {
          "result-type": "certificate-expired",
          "sending-mta-ip": "2001:db8:abcd:0012::1",
          "receiving-mx-hostname": "mx1.mail.company-y.example",
          "failed-session-count": 100,
        },
        {
          "result-type": "validation-failure",
          "receiving-ip": "198.51.100.1",
          "failed-session-count": 3,
          "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED",
        },
      ],
    },
  ],
};

function read(json: unknown): TlsReport | string {
  const report = parseTlsReport(utf8Bytes(JSON.stringify(json)));
  return report.ok ? report.value : report.error.code;
}

test("the example of RFC 8460 B is read, and written so that it is read again", () => {
  const report = read(EXAMPLE);
  assert.ok(typeof report !== "string");
  assert.equal(report.from, Date.UTC(2016, 3, 1));
  assert.deepEqual(report.policies[0]?.hosts, ["*.mail.company-y.example"]);
  assert.deepEqual(report.policies[0]?.failures[0], {
    result: "certificate-expired",
    sessions: 100,
    sendingIp: "2001:db8:abcd:0012::1",
    receivingHost: "mx1.mail.company-y.example",
    receivingIp: undefined,
    information: undefined,
    reason: undefined,
  });
  assert.deepEqual(read(JSON.parse(new TextDecoder().decode(formatTlsReport(report)))), report);
});

test("one text stands for a list of one, and a policy may have no details", () => {
  const [first] = EXAMPLE.policies;
  const { "failure-details": _left, ...rest } = first!;
  const report = read({ ...EXAMPLE, policies: [{ ...rest, policy: { ...first!.policy, "mx-host": "mx.example" } }] });
  assert.ok(typeof report !== "string");
  assert.deepEqual(report.policies[0]?.hosts, ["mx.example"]);
  assert.deepEqual(report.policies[0]?.failures, []);
});

function withPolicy(change: object): unknown {
  return { ...EXAMPLE, policies: [{ ...EXAMPLE.policies[0], ...change }] };
}

const refused: readonly (readonly [json: unknown, code: string])[] = [
  [[], "tls-report"],
  [null, "tls-report"],
  [{ ...EXAMPLE, "organization-name": 1 }, "tls-report-organization"],
  [{ ...EXAMPLE, "date-range": { "start-datetime": "yesterday" } }, "tls-report-date"],
  [{ ...EXAMPLE, "date-range": [] }, "tls-report-date-range"],
  [{ ...EXAMPLE, "report-id": undefined }, "tls-report-id"],
  [{ ...EXAMPLE, policies: {} }, "tls-report-policies"],
  [{ ...EXAMPLE, policies: Array(1_001).fill(EXAMPLE.policies[0]) }, "tls-report-policies-many"],
  [{ ...EXAMPLE, policies: [1] }, "tls-report-policy"],
  [withPolicy({ policy: { "policy-type": "dane" } }), "tls-report-policy-type"],
  [withPolicy({ summary: 1 }), "tls-report-summary"],
  [withPolicy({ summary: { "total-successful-session-count": -1 } }), "tls-report-count"],
  [withPolicy({ "failure-details": [{}] }), "tls-report-result"],
  [withPolicy({ "failure-details": [{ "result-type": "x", "failed-session-count": "1" }] }), "tls-report-count"],
];

for (const [json, code] of refused) {
  test(`${JSON.stringify(json).slice(0, 60)} is refused: ${code}`, () => assert.equal(read(json), code));
}

test("what is no JSON, no UTF-8 or too large is refused", () => {
  const codeOf = (bytes: Uint8Array): string => {
    const report = parseTlsReport(bytes);
    return report.ok ? "fine" : report.error.code;
  };
  assert.equal(codeOf(utf8Bytes("{")), "tls-report-json");
  assert.equal(codeOf(utf8Bytes("[".repeat(1_000_000))), "tls-report-json");
  assert.notEqual(codeOf(Uint8Array.of(0xff)), "fine");
  assert.equal(codeOf(new Uint8Array(4_194_305)), "tls-report-length");
});

test("long texts are cut", () => {
  const report = read({ ...EXAMPLE, "organization-name": "x".repeat(5_000) });
  assert.ok(typeof report !== "string" && report.organization.length === 1_000);
});

test("what is written is read again, and no octets throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200, size: "max" }), octets => {
      const report = tlsReportOf(octets);
      const again = parseTlsReport(formatTlsReport(report));
      assert.ok(again.ok, JSON.stringify(again));
      assert.deepEqual(again.value, report);
      parseTlsReport(octets);
    }),
  );
  fc.assert(fc.property(fc.json(), text => void parseTlsReport(utf8Bytes(text))));
});

test("eight times as many failures take less than sixteen times as long", () => {
  const make = (count: number): Uint8Array =>
    utf8Bytes(
      JSON.stringify(withPolicy({ "failure-details": Array(count).fill(EXAMPLE.policies[0]!["failure-details"][0]) })),
    );
  const found = growth<Uint8Array>(bytes => void parseTlsReport(bytes), make(1_000), make(8_000), GROWTH_MAX);
  assert.ok(found < GROWTH_MAX, `${found.toFixed(1)} times as long`);
});
