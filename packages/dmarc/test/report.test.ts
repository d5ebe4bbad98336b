import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOf } from "@scop/dmarc/arbitrary";
import { formatAggregateReport, parseAggregateReport } from "@scop/dmarc/report";
import { GROWTH_MAX, growth } from "@scop/sim";
import fc from "fast-check";

const OLD = `<?xml version="1.0"?>
<!-- as receivers wrote them for RFC 7489 -->
<feedback>
  <report_metadata>
    <org_name>Example &amp; Sons</org_name><email>dmarc@example.net</email>
    <report_id>1.2</report_id>
    <date_range><begin>1795392000</begin><end>1795478399</end></date_range>
  </report_metadata>
  <policy_published><domain>example.org</domain><adkim>s</adkim><aspf>r</aspf><p>reject</p><sp>none</sp><pct>100</pct></policy_published>
  <record>
    <row><source_ip>192.0.2.1</source_ip><count>12</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf>
        <reason><type>mailing_list</type><comment><![CDATA[a <list>]]></comment></reason></policy_evaluated></row>
    <identifiers><header_from>example.org</header_from></identifiers>
    <auth_results><dkim><domain>example.org</domain><selector>s</selector><result>pass</result></dkim>
      <spf><domain>example.com</domain><result>softfail</result></spf></auth_results>
  </record>
</feedback>`;

test("a report of RFC 7489 is read", () => {
  const read = parseAggregateReport(OLD);
  assert.ok(read.ok, JSON.stringify(read));
  assert.deepEqual(read.notes, []);
  assert.deepEqual(read.value, {
    organization: "Example & Sons",
    email: "dmarc@example.net",
    reportId: "1.2",
    begin: 1_795_392_000,
    end: 1_795_478_399,
    domain: "example.org",
    policy: "reject",
    subdomainPolicy: "none",
    missingPolicy: undefined,
    dkimAlignment: "strict",
    spfAlignment: "relaxed",
    testing: "no",
    records: [
      {
        source: "192.0.2.1",
        count: 12,
        disposition: "none",
        dkim: "pass",
        spf: "fail",
        reasons: [{ type: "mailing_list", comment: "a <list>" }],
        headerFrom: "example.org",
        envelopeFrom: "",
        envelopeTo: "",
        signatures: [{ domain: "example.org", selector: "s", result: "pass" }],
        spfDomain: "example.com",
        spfResult: "softfail",
      },
    ],
  });
});

const BEGIN = "<feedback><policy_published><domain>a.test</domain>";
const END = "</policy_published></feedback>";

/** What is refused, and where. */
const refused: readonly (readonly [text: string, code: string, offset: number])[] = [
  ["", "xml-root", 0],
  ["hello", "xml-text", 0],
  ["<a>", "xml-open", 0],
  ["<a", "xml-open", 0],
  ["<a></b>", "xml-close", 3],
  ["</a>", "xml-close", 0],
  ["<a/><b/>", "xml-roots", 4],
  ["<a/>x", "xml-text", 4],
  ["<1/>", "xml-name", 0],
  ["<a><!-- x</a>", "xml-open", 3],
  ["<a><![CDATA[x</a>", "xml-open", 3],
  ["<![CDATA[x]]><a/>", "xml-text", 0],
  ['<a b="></a>', "xml-open", 0],
  ['<!DOCTYPE lolz [<!ENTITY l "lol">]><a/>', "xml-document-type", 0],
  [`${"<a>".repeat(33)}${"</a>".repeat(33)}`, "xml-limit", 96],
  ["<report/>", "report-malformed", 0],
  ["<feedback/>", "report-malformed", 0],
];
for (const [text, code, offset] of refused) {
  test(`refuses ${text.slice(0, 40)}`, () => {
    const read = parseAggregateReport(text);
    assert.ok(!read.ok);
    assert.deepEqual([read.error.code, read.error.offset], [code, offset]);
  });
}

test("what is odd is noted, and the default counts", () => {
  const record = "<record><row><count>-1</count></row></record>";
  const read = parseAggregateReport(
    `\ufeff${BEGIN}<p>bounce</p><adkim>x</adkim></policy_published>${record}</feedback>`,
  );
  assert.ok(read.ok);
  assert.deepEqual(
    read.notes.map(note => note.code),
    ["report-value", "report-value", "report-number"],
  );
  assert.deepEqual([read.value.policy, read.value.records[0]!.count, read.value.records[0]!.dkim], ["none", 0, "fail"]);
});

test("references are resolved once, and those that are none stay", () => {
  const odd = "&lt;&#65;&#x42;&amp;lt; &nbsp; & &; &#0; &#1; &#xFFFE; &#xD800; &#1114112;\u0001\u000e";
  const read = parseAggregateReport(
    `<x:feedback><report_metadata><org_name a='>'>${odd}</org_name></report_metadata>${BEGIN.slice(10)}${END.slice(0, -11)}</x:feedback>`,
  );
  assert.ok(read.ok, JSON.stringify(read));
  assert.equal(read.value.organization, "<AB&lt; &nbsp; & &; &#0; &#1; &#xFFFE; &#xD800; &#1114112;");
});

test("a value that is cut ends with a whole character and without white space", () => {
  const x = "x".repeat(998);
  for (const [text, kept] of [
    [`${x}yzz`, `${x}yz`],
    [`${x}y\u{1f600}`, `${x}y`],
    [`${x}  z`, x],
    [`${x} \u{1f600}`, x],
  ] as const) {
    const read = parseAggregateReport(
      `<feedback><report_metadata><org_name>${text}</org_name></report_metadata>${BEGIN.slice(10)}${END}`,
    );
    assert.equal(read.ok && read.value.organization, kept);
  }
});

test("what is written is read as the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120, size: "max" }), octets => {
      const report = reportOf(octets);
      const read = parseAggregateReport(formatAggregateReport(report));
      assert.ok(read.ok, JSON.stringify(read));
      assert.deepEqual(read.value, report);
      assert.deepEqual(read.notes, []);
    }),
  );
});

test("no text makes the parser throw", () => {
  const pieces = [
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "&",
    ";",
    '"',
    "feedback",
    "record",
    " ",
    "a",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 }))), parts => {
      const text = parts.join("");
      const read = parseAggregateReport(text);
      if (!read.ok) assert.ok(read.error.offset >= 0 && read.error.offset <= text.length);
    }),
  );
});

const families: readonly (readonly [what: string, make: (count: number) => string])[] = [
  ["records", count => `${BEGIN}</policy_published>${"<record/>".repeat(count)}</feedback>`],
  ["elements that are open", count => "<a>".repeat(4 * count)],
  ["less-than signs", count => `<a>${"<".repeat(8 * count)}`],
  ["ampersands", count => `<a>${"&".repeat(8 * count)}</a>`],
  ["references", count => `<a>${"&lt;".repeat(2 * count)}</a>`],
  ["comments that do not end", count => `<a>${"<!--".repeat(2 * count)}`],
  ["quotes", count => `<a ${'"'.repeat(8 * count)}`],
  ["attributes", count => `<a ${'b="c" '.repeat(count)}/>`],
  ["letters of a name", count => `<${"a".repeat(8 * count)}>`],
  ["spaces", count => `<a>${" ".repeat(8 * count)}</a>`],
];
for (const [what, make] of families) {
  test(`a report of many ${what} takes time in proportion`, () => {
    assert.ok(growth(parseAggregateReport, make(4_000), make(32_000), GROWTH_MAX) < GROWTH_MAX);
  });
}
