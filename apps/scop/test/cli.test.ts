import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sampleTnef } from "../../../packages/mime/test/tnef-stream.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "scop-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function scop(line: string, input: string | Buffer = "", cwd = folder): Ran {
  const run = spawnSync(process.execPath, ["--conditions=@scop/source", MAIN, ...line.split(" ")], { cwd, input });
  return { status: run.status, out: run.stdout.toString(), err: run.stderr.toString() };
}

/** Each row: the command, what it reads, its status, and what it says. They build on each other. */
const CONVERSATION: readonly (readonly [line: string, input: string, status: number, says: RegExp])[] = [
  ["serve", "", 2, /serves no domain yet.*npx scop domain add/],
  ["domain add example.org", "", 0, /example.org is served here.*account add/],
  ["domain add example.org", "", 1, /served here already/],
  ["domain add exa_mple..org", "", 2, /is not a domain: .*RFC/],
  ["domain list --json", "", 0, /"domain": "example.org"/],
  ["account add you@example.org", "", 2, /password is empty/],
  ["account add you@example.org", "a long password\n", 0, /you@example.org can receive and send/],
  ["account add You@Example.org", "another", 1, /exists already/],
  [
    "account add you@example.com",
    "x",
    1,
    /example.com is not served here; add it first: npx scop domain add example.com/,
  ],
  ["account add nonsense", "x", 2, /nonsense is not an address: .*RFC 5321/],
  ["account add me@[127.0.0.1]", "x", 2, /needs a domain/],
  ["account password you@example.org", "new", 0, /has a new password/],
  ["account password nobody@example.org", "new", 1, /there is no account nobody@example.org/],
  ["account quota you@example.org", "", 0, /storage +0 +default\nmessages +0 +default/],
  ["account quota you@example.org --storage 5G", "", 0, /storage +0 +5368709120\nmessages +0 +default/],
  ["account quota you@example.org --messages unlimited --json", "", 0, /"limit": 5368709120[^}]*},[^}]*"unlimited"/],
  ["account quota you@example.org --storage default", "", 0, /storage +0 +default\nmessages +0 +unlimited/],
  ["account quota you@example.org --storage 5X", "", 2, /--storage 5X: a number with or without K, M, G, T/],
  ["account quota you@example.org --messages 5K", "", 2, /--messages 5K: a number, default or unlimited/],
  ["account quota nobody@example.org", "", 1, /there is no account nobody@example.org/],
  ["account list --json", "", 0, /"address": "you@example.org"/],
  ["alias add info@example.org you@example.org friend@elsewhere.example", "", 0, /info@example.org stands for/],
  ["alias add you@example.org a@example.org", "", 1, /is an account; an alias needs/],
  ["alias list", "", 0, /info@example.org\s+you@example.org, friend@elsewhere.example/],
  ["domain remove example.org", "", 1, /has accounts or aliases/],
  ["alias remove info@example.org", "", 0, /removed/],
  ["alias remove info@example.org", "", 1, /there is no alias/],
  ["queue list", "", 0, /queue is empty/],
  ["queue show 42", "", 1, /no item 42/],
  ["queue hold x", "", 2, /x is not a number/],
  ["queue retry all", "", 0, /Nothing to do/],
  ["queue list --state sleeping", "", 2, /one of ready, leased, held/],
  ["account remove you@example.org", "", 2, /--yes/],
  ["account remove you@example.org --yes", "", 0, /are removed/],
  ["domain remove example.org", "", 0, /not served here any more/],
  ["serve --smtp 99999", "", 2, /--smtp 99999: a port is a number from 0 to 65535/],
  ["serve --resolver dns.example", "", 2, /resolver dns.example: write an IP address/],
  ["serve --transport nowhere", "", 2, /write DOMAIN=HOST:PORT/],
  ["serve --log-level loud", "", 2, /one of debug, info, warn, error/],
  ["serve --demo --host 0.0.0.0", "", 2, /the demonstration listens on loopback only/],
  ["frobnicate", "", 2, /unknown command 'frobnicate'/],
  ["parse nowhere.eml", "", 2, /nowhere.eml can't be read/],
];

test("a person who sets up a domain is told what happened, what went wrong and what to do", () => {
  for (const [line, input, status, says] of CONVERSATION) {
    const ran = scop(line, input);
    assert.match(ran.out + ran.err, says, `scop ${line}`);
    assert.equal(ran.status, status, `scop ${line}: ${ran.err}`);
  }
});

test("each command explains itself with an example", () => {
  for (const line of [
    "",
    "serve",
    ...["list", "add", "remove"].map(verb => `domain ${verb}`),
    ...["list", "add", "password", "quota", "remove"].map(verb => `account ${verb}`),
    ...["list", "add", "remove"].map(verb => `alias ${verb}`),
    ...["list", "show", "retry", "hold", "drop"].map(verb => `queue ${verb}`),
    "parse",
  ]) {
    const ran = scop(`${line} --help`.trim());
    assert.match(ran.out, /Example:\n {2}\$ /, line);
    assert.equal(ran.status, 0, line);
  }
});

test("a configuration that is wrong names key, value and what is allowed", () => {
  const rows: readonly (readonly [config: string, says: RegExp])[] = [
    ["{ ports: { smtp: 'x' } }", /ports\.smtp is "x": allowed is number/],
    ["{ ports: { pop3: 110 } }", /ports\.pop3 is .*no such key; keys here: smtp, submission, imap, imaps, http/],
    ["{ logLevel: 'loud' }", /logLevel is "loud": allowed is .*"debug"/],
    ["{ dkim: { rotateAfterDays: 0 } }", /dkim\.rotateAfterDays is 0: allowed is >=1/],
    [
      "{ dkim: { rotate: 90 } }",
      /dkim\.rotate is .*no such key; keys here: rotateAfterDays, announceDays, overlapDays/,
    ],
    ["{ hostnam: 'x' }", /hostnam is .*no such key; keys here: data, hostname/],
    ["{ destinations: { toString: { odd: 1 } } }", /destinations\.toString\.odd is .*no such key/],
    ["{ transports: { 'b.test': 'nowhere' } }", /transports\.b\.test is "nowhere"/],
    [
      "{ signers: { 'b.test': { address: 'there', secretFile: 'x' } } }",
      /signers: b\.test: there: write ADDRESS:PORT, as in 127\.0\.0\.1:7465/,
    ],
    [
      "{ signers: { 'b.test': { address: '127.0.0.1:1', secretFile: 'short' } } }",
      /signers: b\.test: short has 5 octets; allowed are 32 or more/,
    ],
    ["{ signers: { 'b.test': { address: '127.0.0.1:1', secretFile: 'gone' } } }", /signers: b\.test: ENOENT/],
  ];
  writeFileSync(join(folder, "short"), "short\n");
  for (const [config, says] of rows) {
    writeFileSync(join(folder, "wrong.config.ts"), `export default ${config};\n`);
    const ran = scop("serve --config wrong.config.ts");
    assert.match(ran.err, says, config);
    assert.equal(ran.status, 2, config);
  }
  assert.match(scop("serve --config missing.ts").err, /missing.ts: no such configuration file/);
});

const MESSAGE = [
  "From: alice@scop.test",
  "Date: Mon, 23 Nov 2026 08:49:33 +0000",
  "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain; charset=iso-8859-2",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "=B1",
  "--b",
  'Content-Type: image/png; name="p.png"',
  "Content-Disposition: attachment",
  "Content-Transfer-Encoding: base64",
  "",
  "AAECAw==",
  "--b--",
  "",
].join("\r\n");

test("parse shows fields taken apart, flowed text and files within text", () => {
  const text = [
    "Received: from a.example by b.example; Mon, 23 Nov 2026 08:49:33 +0000",
    "List-Id: <l.example>",
    "Authentication-Results: b.example; spf=pass",
    "Content-Type: text/plain; format=flowed",
    "",
    "one ",
    "line",
    "begin 644 ../cat.txt",
    "#0V%T",
    "`",
    "end",
    "",
  ].join("\r\n");
  const shown = JSON.parse(scop("parse -", text).out);
  assert.equal(shown.headers[0].parsed.clauses.by.value, "b.example");
  assert.equal(shown.headers[1].parsed.id, "l.example");
  assert.equal(shown.headers[2].parsed.results[0].result, "pass");
  assert.ok(shown.parts[0].unwrapped.startsWith("one line\r\n"));
  assert.deepEqual(shown.attachments, [
    { type: "application/octet-stream", disposition: null, filename: "cat.txt", size: 3 },
  ]);
});

test("parse shows what a winmail.dat holds, and names in any charset", () => {
  const text = [
    "From: a@b.example",
    "Content-Type: application/ms-tnef; name*=iso-8859-2''%B1.dat",
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from(sampleTnef()).toString("base64"),
    "",
  ].join("\r\n");
  const { parts, attachments } = JSON.parse(scop("parse -", text).out);
  assert.equal(parts[0].filename, "ą.dat");
  const names = attachments.map((each: { readonly filename: string | null }) => each.filename);
  assert.ok(parts[0].embedded.length >= 4 && names.length > parts[0].embedded.length, JSON.stringify(names));
});

test("parse says what of an address may deceive people or programs", () => {
  const names = [
    "=?utf-8?q?ceo=40bank.example?= <b@evil.example>",
    "a(@bank.example)@evil.example",
    "a@xn--80ak6aa92e.example",
  ];
  const [named, commented, foreign] = JSON.parse(scop("parse -", `From: ${names.join(", ")}\n\n`).out).headers[0]
    .parsed;
  assert.deepEqual(named, {
    name: "ceo@bank.example",
    localPart: "b",
    domain: "evil.example",
    warnings: ["address-in-name"],
  });
  assert.ok(commented.warnings.includes("comment-in-address"));
  assert.deepEqual(foreign.warnings, ["confusable"]);
  assert.equal(foreign.unicode, "аррӏе.example");
});

test("parse shows fields, parts, attachments and diagnostics, and gives the bytes back", () => {
  const shown = JSON.parse(scop("parse -", MESSAGE).out);
  assert.equal(shown.headers[2].name, "Subject");
  assert.equal(shown.headers[2].value, "Grüße");
  assert.equal(MESSAGE.slice(shown.headers[2].offset).startsWith("Subject:"), true);
  assert.equal(shown.parts[0].type, "multipart/mixed");
  assert.equal(shown.parts[0].parts[0].text.trim(), "ą");
  assert.deepEqual(shown.attachments, [{ type: "image/png", disposition: "attachment", filename: "p.png", size: 4 }]);
  assert.equal(scop("parse --strict -", MESSAGE).status, 0);
  assert.deepEqual(shown.headers[0].parsed, [{ name: "", localPart: "alice", domain: "scop.test" }]);
  assert.deepEqual(shown.headers[1].parsed, { utc: "2026-11-23T08:49:33.000Z", offsetMinutes: 0 });
  const broken = `A\nB: c\n\n${"x".repeat(2000)}\r`;
  const found = JSON.parse(scop("parse -", broken).out).diagnostics;
  assert.ok(found.length > 0);
  for (const { code, offset, length, rule } of found) {
    assert.match(code, /^[a-z0-9-]+$/);
    assert.ok(offset >= 0 && offset + length <= broken.length);
    assert.match(rule, /^RFC \d+/);
  }
  assert.equal(scop("parse --strict -", broken).status, 1);
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7919) & 255));
  writeFileSync(join(folder, "bytes.eml"), bytes);
  const back = spawnSync(process.execPath, [
    "--conditions=@scop/source",
    MAIN,
    "parse",
    "--bytes",
    join(folder, "bytes.eml"),
  ]);
  assert.deepEqual(back.stdout, readFileSync(join(folder, "bytes.eml")));
});
