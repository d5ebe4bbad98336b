import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { after, test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import type { HttpsAnswer, HttpsReceipt } from "@scop/platform";
import { latin1, utf8Bytes } from "@scop/wire";
import { nodeHttps } from "../src/https.ts";
import { selfSigned } from "../src/self-signed.ts";

const identity = await selfSigned({ names: ["web.test"], now: Date.now() });
const read = parseZone({
  "web.test": { A: ["127.0.0.1"] },
  "other.test": { A: ["127.0.0.1"] },
  "inside.test": { A: ["10.0.0.1"], AAAA: ["::ffff:192.168.0.1", "fe80::1"] },
});
assert.ok(read.ok);
const dns = zoneDns(read.zone);
/** What was given to the server: method, path, fields, body. */
const given: string[] = [];
const server = createServer({ cert: identity.certificate, key: identity.key }, (asked, response) => {
  if (asked.method === "POST") {
    let body = "";
    asked.setEncoding("latin1").on("data", (piece: string) => {
      body += piece;
    });
    asked.on("end", () => {
      const { "content-type": type, "content-length": octets, host } = asked.headers;
      given.push(`${asked.url} ${host} ${type} ${octets} ${body}`);
      if (asked.url === "/moved") response.writeHead(307, { location: "/r" }).end();
      // An answer that does not end, of which the status is enough.
      else if (asked.url !== "/slow") response.writeHead(202).write("x".repeat(1_000));
    });
    return;
  }
  if (asked.url === "/moved")
    response.writeHead(302, { location: "https://web.test/plain", "cache-control": "max-age=60" }).end();
  else if (asked.url === "/slow") response.writeHead(200).write("x");
  else response.writeHead(200, { "content-type": "text/plain" }).end(`${asked.headers.host} ${"x".repeat(100)}`);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
assert.ok(address !== null && typeof address !== "string");
const { port } = address;
after(() => {
  server.close();
  server.closeAllConnections();
});

const laboratory = nodeHttps(dns, { addresses: "any", port, trust: identity.certificate });

function get(host: string, path = "/plain", octetsMax = 1_000): Promise<HttpsAnswer> {
  return laboratory.get({ host, path, octetsMax, timeoutMs: 500 });
}

test("a document comes whole, with its type", async () => {
  const answer = await get("web.test");
  assert.ok(answer.got === "response");
  assert.deepEqual([answer.status, answer.contentType], [200, "text/plain"]);
  assert.equal(latin1(answer.body), `web.test:${port} ${"x".repeat(100)}`);
});

function post(host: string, path: string, https = laboratory): Promise<HttpsReceipt> {
  return https.post({ host, path, contentType: "text/x", body: utf8Bytes("a report"), timeoutMs: 500 });
}

test("a document is given, and what the server says of it is known", async () => {
  assert.deepEqual(await post("web.test", "/r?x"), { got: "response", status: 202 });
  assert.deepEqual(given.splice(0), [`/r?x web.test:${port} text/x 8 a report`]);
});

test("a document is given once, whatever the server says of another place", async () => {
  assert.deepEqual(await post("web.test", "/moved"), { got: "response", status: 307 });
  assert.equal(given.splice(0).length, 1);
});

const notGiven: readonly (readonly [title: string, host: string, https: typeof laboratory, kind: string])[] = [
  ["with a certificate for another host", "other.test", laboratory, "certificate"],
  ["that nobody vouches for", "web.test", nodeHttps(dns, { addresses: "any", port, trust: undefined }), "certificate"],
  ["on this machine", "web.test", nodeHttps(dns, { addresses: "public", port, trust: identity.certificate }), "other"],
  [
    "in a private network",
    "inside.test",
    nodeHttps(dns, { addresses: "public", port, trust: identity.certificate }),
    "other",
  ],
  ["without an address", "nowhere.test", laboratory, "other"],
];
for (const [title, host, https, kind] of notGiven) {
  test(`nothing is given to a host ${title}`, async () => {
    const receipt = await post(host, "/r", https);
    assert.ok(receipt.got === "failure" && receipt.kind === kind, JSON.stringify(receipt));
    assert.deepEqual(given, []);
  });
}

test("a server that says nothing to what it is given is a failure", async () => {
  assert.deepEqual(await post("web.test", "/slow"), { got: "failure", kind: "other", detail: "no answer in time" });
  given.length = 0;
});

test("redirects are not followed, and where they lead is said", async () => {
  const answer = await get("web.test", "/moved");
  assert.ok(answer.got === "response" && answer.status === 302);
  assert.deepEqual([answer.location, answer.cacheControl], ["https://web.test/plain", "max-age=60"]);
});

test("a port that is asked for is the one that is connected to", async () => {
  const elsewhere = nodeHttps(dns, { addresses: "any", port: 1, trust: identity.certificate });
  const answer = await elsewhere.get({ host: "web.test", port, path: "/plain", octetsMax: 1_000, timeoutMs: 500 });
  assert.ok(answer.got === "response" && answer.status === 200);
});

const failures: readonly (readonly [
  title: string,
  answer: () => Promise<HttpsAnswer>,
  kind: string,
  detail: RegExp,
])[] = [
  ["a certificate for another host", () => get("other.test"), "certificate", /altnames/],
  [
    "a certificate that nobody vouches for",
    () =>
      nodeHttps(dns, { addresses: "any", port, trust: undefined }).get({
        host: "web.test",
        path: "/",
        octetsMax: 1_000,
        timeoutMs: 500,
      }),
    "certificate",
    /self-signed/,
  ],
  ["a document that is too large", () => get("web.test", "/plain", 100), "other", /more than 100 octets/],
  ["a server that does not end", () => get("web.test", "/slow"), "other", /in time/],
  ["a host without an address", () => get("nowhere.test"), "other", /has no address/],
  [
    "a host on this machine",
    () =>
      nodeHttps(dns, { addresses: "public", port, trust: identity.certificate }).get({
        host: "web.test",
        path: "/",
        octetsMax: 1_000,
        timeoutMs: 500,
      }),
    "other",
    /open Internet/,
  ],
  [
    "a host in a private network",
    () =>
      nodeHttps(dns, { addresses: "public", port, trust: undefined }).get({
        host: "inside.test",
        path: "/",
        octetsMax: 1_000,
        timeoutMs: 500,
      }),
    "other",
    /open Internet/,
  ],
];

for (const [title, answer, kind, detail] of failures) {
  test(`${title} is a failure`, async () => {
    const got = await answer();
    assert.ok(got.got === "failure");
    assert.equal(got.kind, kind);
    assert.match(got.detail, detail);
  });
}
