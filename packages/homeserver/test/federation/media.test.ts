import assert from "node:assert/strict";
import { test } from "node:test";
import { signRequest } from "@scop/matrix/sign";
import type { MediaAnswer } from "../../src/media/port.ts";
import { type Network, openNetwork, type Server } from "./network.ts";

const TOKEN = "token";
const FILE = "file of alice";
const DOWNLOAD = "/_matrix/client/v1/media/download";

/** Two servers; alice of the first one has a token, alice of the second one a file. */
async function opened(): Promise<{ readonly network: Network; readonly one: Server; readonly two: Server }> {
  const network = await openNetwork(["one.test", "two.test"]);
  const [one, two] = [...network.servers.values()] as [Server, Server];
  const { crypto } = network.sim.platform("192.0.2.1");
  const { id: account } = (await one.store.accountByAddress("alice@one.test"))!;
  const token = crypto.sha256(new TextEncoder().encode(TOKEN));
  await one.store.transaction({
    changes: [{ change: "add-login", account, device: "D", displayName: undefined, token }],
  });
  const other = (await two.store.accountByAddress("alice@two.test"))!.id;
  const bytes = new TextEncoder().encode(FILE);
  const about = {
    account: other,
    hash: crypto.sha256(bytes),
    contentType: "text/plain",
    name: "a.txt",
    octetsMax: 1e6,
  };
  for (const [media, contentType] of [
    ["text", "text/plain"],
    ["image", "image/png"],
  ] as const) {
    const change = { change: "put-media", media, blob: { new: 0 }, ...about, contentType } as const;
    await two.store.transaction({ blobs: [{ bytes: [bytes] }], changes: [change] });
  }
  return { network, one, two };
}

async function ask({ server }: Server, target: string, authorization: string): Promise<readonly [number, string]> {
  async function* nothing(): AsyncGenerator<Uint8Array> {}
  const answer: MediaAnswer = await server.media({
    ...{ method: "GET", target, authorization, peer: "192.0.2.9", onGone: () => undefined },
    ...{ contentType: undefined, contentLength: undefined, chunks: nothing() },
  });
  if (typeof answer.body === "string") return [answer.status, JSON.parse(answer.body).errcode];
  let text = "";
  for await (const chunk of answer.body) text += new TextDecoder().decode(chunk);
  return [answer.status, text];
}

test("a file of another server is handed on, and no other", async () => {
  const { network, one } = await opened();
  const own = (target: string): Promise<readonly [number, string]> => ask(one, target, `Bearer ${TOKEN}`);
  assert.deepEqual(await own(`${DOWNLOAD}/two.test/text`), [200, FILE]);
  assert.deepEqual(await own(`${DOWNLOAD}/two.test/text/name.txt`), [200, FILE]);
  const thumbnail = `${DOWNLOAD.replace("download", "thumbnail")}/two.test`;
  assert.deepEqual(await own(`${thumbnail}/image?width=10&height=10`), [200, FILE]);
  assert.deepEqual(await own(`${thumbnail}/text?width=10&height=10`), [404, "M_NOT_FOUND"]);
  assert.deepEqual(await own(`${DOWNLOAD}/two.test/none`), [404, "M_NOT_FOUND"]);
  assert.deepEqual(await own(`${DOWNLOAD}/two.test/..%2f..%2fx`), [404, "M_NOT_FOUND"]);
  assert.deepEqual(await own(`${DOWNLOAD}/two.test/text?allow_remote=false`), [404, "M_NOT_FOUND"]);
  assert.deepEqual(await own(`${DOWNLOAD}/nobody.test/text`), [502, "M_UNKNOWN"]);
  assert.deepEqual(await ask(one, `${DOWNLOAD}/two.test/text`, "Bearer no"), [401, "M_UNKNOWN_TOKEN"]);
  await network.close();
});

test("a file is given to a server that shows who it is, and is asked for by its own name alone", async () => {
  const { network, one, two } = await opened();
  const uri = "/_matrix/federation/v1/media/download/text";
  const request = { method: "GET", uri, origin: "one.test", destination: "two.test", content: undefined };
  const signed = signRequest(request, one.signer);
  const [status, text] = await ask(two, uri, signed);
  assert.equal(status, 200);
  assert.match(
    text,
    /^--[0-9a-f]+\r\nContent-Type: application\/json\r\n\r\n\{\}\r\n--[0-9a-f]+\r\nContent-Type: text\/plain/,
  );
  assert.deepEqual(await ask(two, `${uri}x`, signed), [401, "M_UNAUTHORIZED"]);
  assert.deepEqual(await ask(two, uri, `Bearer ${TOKEN}`), [401, "M_UNAUTHORIZED"]);
  await network.close();
});

test("what a server gives in place of a file is none, and one that is too large breaks off", async () => {
  const { network, one } = await opened();
  const own = (): Promise<readonly [number, string]> => ask(one, `${DOWNLOAD}/far.test/x`, `Bearer ${TOKEN}`);
  async function* pieces(head: string, count = 0): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(head);
    for (let at = 0; at < count; at += 1) yield new Uint8Array(100_000);
  }
  const contentType = "multipart/mixed; boundary=b";
  const head = "--b\r\n\r\n{}\r\n--b\r\nContent-Type: a/b\r\n\r\n";
  const put = (text: string, count = 0): void =>
    void network.files.set("far.test", { got: "answer", status: 200, contentType, chunks: pieces(text, count) });
  put("<html>");
  assert.deepEqual(await own(), [502, "M_UNKNOWN"]);
  put(head.replace("Content-Type: a/b", "Location: http://127.0.0.1/"));
  assert.deepEqual(await own(), [502, "M_UNKNOWN"]);
  put(head, 11);
  await assert.rejects(own(), /larger/);
  await network.close();
});
