import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Duplex } from "node:stream";
import { after, describe, it } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { nodePeerTransport, type PeerTransportOptions } from "../src/peers.ts";
import { nodeRandom } from "../src/random.ts";
import { selfSigned } from "../src/self-signed.ts";

const LOOPBACK = ["127.0.0.1"];
const identity = await selfSigned({ names: ["one.test", "later.test", "127.0.0.1"], now: Date.now() });
const connections = new Set<Duplex>();
/** What was asked: method, path, fields, body. */
const asked: string[] = [];

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await request.setEncoding("utf8").toArray()).join("");
  const { host, authorization, "content-type": type } = request.headers;
  asked.push([request.method, request.url, host, authorization, type, body].join(" "));
  if (request.url === "/slow") response.writeHead(200).write("{");
  else if (request.url === "/moved") response.writeHead(302, { location: "https://one.test/" }).end();
  else if (request.url === "/last") response.writeHead(200, { connection: "close" }).end("{}");
  else response.writeHead(request.url === "/none" ? 404 : 200).end(`{"x":"${"x".repeat(100)}"}`);
}

const server = createServer({ cert: identity.certificate, key: identity.key }, serve);
server.on("connection", socket => connections.add(socket));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
assert.ok(address !== null && typeof address !== "string");
const { port } = address;

const service = (target: string, at = port): object => ({ priority: 0, weight: 0, port: at, target });
const read = parseZone({
  "one.test": { A: ["127.0.0.1"] },
  "two.test": { A: ["127.0.0.1"] },
  "_matrix-fed._tcp.one.test": { SRV: [service("one.test")] },
  "_matrix-fed._tcp.two.test": { SRV: [service("one.test")] },
  "later.test": { A: ["127.0.0.1"] },
  "_matrix-fed._tcp.later.test": { SRV: [service("inside.test"), service("one.test")] },
  "inside.test": { A: ["10.0.0.1", "169.254.169.254"], AAAA: ["::ffff:192.168.0.1", "fe80::1", "::1"] },
});
assert.ok(read.ok);
const io = {
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  dns: zoneDns(read.zone),
  random: nodeRandom(),
};
const open: ReturnType<typeof nodePeerTransport>[] = [];
after(() => {
  for (const transport of open) transport.close();
  server.close();
  server.closeAllConnections();
});

type Request = Parameters<ReturnType<typeof nodePeerTransport>["carry"]>[1];

function transport(options: Partial<PeerTransportOptions> = {}): ReturnType<typeof nodePeerTransport> {
  const made = nodePeerTransport(io, { addresses: LOOPBACK, trust: identity.certificate, ...options });
  open.push(made);
  return made;
}

function request(target: string, rest: Partial<Request> = {}): Request {
  return {
    method: "GET",
    target,
    authorization: undefined,
    body: undefined,
    timeoutMs: 2_000,
    octetsMax: 1_000,
    ...rest,
  };
}

async function outcome(answer: ReturnType<ReturnType<typeof nodePeerTransport>["carry"]>): Promise<string> {
  const found = await answer;
  return found.got === "answer" ? String(found.status) : found.detail;
}

describe("the way to other Matrix servers", () => {
  it("finds a server by its service, carries what was signed, and keeps the connection", async () => {
    const way = transport();
    connections.clear();
    const body = new TextEncoder().encode('{"a":1}');
    const answer = await way.carry(
      "one.test",
      request("/x?y=%20z", { method: "PUT", authorization: "X-Matrix a", body }),
    );
    assert.ok(answer.got === "answer");
    assert.deepEqual([answer.status, answer.body.length], [200, 108]);
    assert.equal(asked.at(-1), 'PUT /x?y=%20z one.test X-Matrix a application/json {"a":1}');
    assert.equal(await outcome(way.carry("one.test", request("/none"))), "404");
    assert.equal(connections.size, 1);
  });

  it("goes to an address with a port, whose certificate is for the address", async () => {
    assert.equal(await outcome(transport().carry(`127.0.0.1:${port}`, request("/"))), "200");
    assert.equal(asked.at(-1), `GET / 127.0.0.1:${port}   `);
  });

  it("connects anew where the other side ended a connection that was kept", async () => {
    const way = transport();
    assert.equal(await outcome(way.carry("one.test", request("/"))), "200");
    for (const socket of connections) socket.destroy();
    assert.equal(await outcome(way.carry("one.test", request("/"))), "200");
    assert.equal(await outcome(way.carry("one.test", request("/last"))), "200");
    assert.equal(await outcome(way.carry("one.test", request("/"))), "200");
  });

  it("refuses a certificate that is for another name, or that nobody vouches for", async () => {
    assert.match(await outcome(transport().carry("two.test", request("/"))), /two\.test/);
    assert.match(await outcome(transport({ trust: undefined }).carry("one.test", request("/"))), /self-signed/);
  });

  const inside = [
    "127.0.0.1",
    "10.0.0.1",
    "[::1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "100.64.0.1",
    "169.254.169.254",
  ];
  for (const name of [...inside.map(each => `${each}:${port}`), `inside.test:${port}`, "one.test"]) {
    it(`does not connect to ${name}, which is not on the open Internet`, async () => {
      connections.clear();
      const way = transport({ addresses: "public" });
      assert.match(await outcome(way.carry(name, request("/"))), /not on the open Internet/);
      assert.equal(connections.size, 0);
    });
  }

  it("an address that is allowed opens no others", async () => {
    assert.match(await outcome(transport().carry(`inside.test:${port}`, request("/"))), /not on the open Internet/);
  });

  it("tries the next place where the first one is nowhere", async () => {
    assert.equal(await outcome(transport().carry("later.test", request("/"))), "200");
    assert.equal(asked.at(-1), "GET / later.test   ");
  });

  const names = ["", "one.test:0", "one.test:99999", "1", "0x7f.1", "a b", "one.test/x", "127.1", "2130706433:8448"];
  for (const name of names) {
    it(`takes ${JSON.stringify(name)} for no server`, async () => {
      assert.equal(await outcome(transport().carry(name, request("/"))), "it is no name of a server");
    });
  }

  it("gives a body in pieces as it comes, and lets go of one that is not read to its end", async () => {
    const way = transport();
    const { octetsMax: _none, ...asked } = request("/");
    const answer = await way.open("one.test", asked);
    assert.ok(answer.got === "answer");
    const pieces: Uint8Array[] = [];
    for await (const piece of answer.chunks) pieces.push(piece);
    assert.deepEqual([answer.status, Buffer.concat(pieces).length], [200, 108]);
    const slow = await way.open("one.test", { ...asked, target: "/slow" });
    assert.ok(slow.got === "answer");
    for await (const piece of slow.chunks) {
      assert.equal(String(piece), "{");
      break;
    }
    const nobody = await way.open("127.0.0.1:1", asked);
    assert.equal(nobody.got, "failure");
  });

  it("keeps to the limits of time and size, and follows nobody elsewhere", async () => {
    const way = transport();
    assert.equal(await outcome(way.carry("one.test", request("/slow", { timeoutMs: 200 }))), "no answer in time");
    assert.equal(await outcome(way.carry("one.test", request("/", { octetsMax: 107 }))), "more than 107 octets");
    assert.equal(await outcome(way.carry("one.test", request("/moved"))), "302");
    assert.match(await outcome(way.carry("127.0.0.1:1", request("/"))), /ECONNREFUSED/);
  });
});
