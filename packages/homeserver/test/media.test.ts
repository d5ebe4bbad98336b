import assert from "node:assert/strict";
import { test } from "node:test";
import { UPLOADS_OF_ACCOUNT_MAX } from "../src/media/uploads.ts";
import { type Client, inWorld, mediaOf, type World } from "./world.ts";

const UPLOAD = "/_matrix/media/v3/upload";
const DOWNLOAD = "/_matrix/client/v1/media/download";
const LARGE = 700_000;

/** What a request about a file brings and answers. */
interface FileRequest {
  readonly method?: string;
  readonly target: string;
  readonly client?: Client;
  readonly pieces?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  readonly contentType?: string;
  readonly contentLength?: number;
}

function ask(world: World, asked: FileRequest): ReturnType<typeof mediaOf> {
  const { method = "GET", target, client, pieces = [], contentType, contentLength } = asked;
  const authorization = client && `Bearer ${client.token}`;
  const request = { method, target, authorization, peer: "192.0.2.9", onGone: () => undefined };
  return mediaOf(world.server, { ...request, contentType, contentLength }, pieces);
}

function octets(count: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: count }, (_none, at) => (first + at * 7) % 251);
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function upload(
  world: World,
  client: Client,
  bytes: Uint8Array,
  contentType = "image/png",
  name?: string,
): Promise<string> {
  const target = name === undefined ? UPLOAD : `${UPLOAD}?filename=${encodeURIComponent(name)}`;
  const answer = await ask(world, { method: "POST", target, client, pieces: cut(bytes, 65_536), contentType });
  const { content_uri: uri } = JSON.parse(new TextDecoder().decode(answer.body));
  assert.equal(answer.status, 200);
  return uri.slice("mxc://".length);
}

async function errcode(answer: ReturnType<typeof mediaOf>): Promise<readonly [number, string]> {
  const { status, body } = await answer;
  return [status, JSON.parse(new TextDecoder().decode(body)).errcode];
}

for (const count of [0, 1, 100_000, LARGE]) {
  test(`a file of ${count} octets is brought and given out as it was`, () =>
    inWorld(async (world, alice, bob) => {
      const bytes = octets(count);
      const place = await upload(world, alice, bytes, "image/png", "a picture.png");
      const got = await ask(world, { target: `${DOWNLOAD}/${place}`, client: bob });
      assert.deepEqual(got.body, bytes);
      assert.equal(got.headers["content-length"], String(count));
      assert.equal(got.headers["content-disposition"], "inline; filename*=utf-8''a%20picture.png");
      const named = await ask(world, { target: `${DOWNLOAD}/${place}/%C3%BC%0D%0AX:%20y%22.png`, client: bob });
      assert.equal(named.headers["content-disposition"], "inline; filename*=utf-8''%C3%BC%0D%0AX%3A%20y%22.png");
    }));
}

test("attack: a page, a drawing or anything unknown is never shown by itself, and none runs", () =>
  inWorld(async (world, alice) => {
    const shown = ["image/png", "IMAGE/PNG", "text/plain; charset=utf-8", "video/mp4"];
    const saved = [
      "text/html",
      "image/svg+xml",
      "application/xhtml+xml",
      "text/xml",
      "application/pdf",
      "x",
      "a\r\nb: c",
    ];
    for (const type of [...shown, ...saved]) {
      const { headers } = await ask(world, {
        target: `${DOWNLOAD}/${await upload(world, alice, octets(5), type)}`,
        client: alice,
      });
      assert.equal(headers["content-disposition"], shown.includes(type) ? "inline" : "attachment", type);
      assert.match(headers["content-security-policy"]!, /^sandbox; default-src 'none'/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.ok(!/[\r\n]/.test(headers["content-type"]!));
    }
  }));

test("attack: an id that is a path, or of another server, is no file", () =>
  inWorld(async (world, alice) => {
    for (const place of [
      "scop.test/..%2F..%2Fscop.db",
      "scop.test/%00",
      "scop.test/nothing",
      "far.test/abc",
      "..%2F/x",
    ]) {
      const answer = ask(world, { target: `${DOWNLOAD}/${place}`, client: alice });
      assert.deepEqual(await errcode(answer), [404, "M_NOT_FOUND"], place);
    }
  }));

test("attack: files are brought and given out for those alone who are logged in, by the field and not by the query", () =>
  inWorld(async (world, alice) => {
    const place = await upload(world, alice, octets(5));
    for (const target of [`${DOWNLOAD}/${place}`, `${DOWNLOAD}/${place}?access_token=${alice.token}`])
      assert.deepEqual(await errcode(ask(world, { target })), [401, "M_MISSING_TOKEN"]);
    async function* never(): AsyncGenerator<Uint8Array> {
      yield octets(1);
      assert.fail("the body of a stranger is not read");
    }
    const stranger = ask(world, { method: "POST", target: UPLOAD, pieces: never() });
    assert.deepEqual(await errcode(stranger), [401, "M_MISSING_TOKEN"]);
    assert.equal((await world.ask("GET", `/_matrix/media/v3/download/${place}`)).status, 404);
  }));

test("attack: a file that is too large is not read to its end, whatever it says of itself", () =>
  inWorld(async (world, alice) => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 100_000;
        yield octets(100_000);
      }
    }
    const said = ask(world, { method: "POST", target: UPLOAD, client: alice, pieces: endless(), contentLength: 1e9 });
    assert.deepEqual([await errcode(said), read], [[413, "M_TOO_LARGE"], 0]);
    const silent = ask(world, { method: "POST", target: UPLOAD, client: alice, pieces: endless() });
    assert.deepEqual([await errcode(silent), read], [[413, "M_TOO_LARGE"], 1_100_000]);
    assert.deepEqual(await world.store.mediaUse((await world.store.accounts())[0]!.id), { octets: 0, awaited: [] });
  }));

test("an account keeps so many octets, and a file that is there already counts again", () =>
  inWorld(async (world, alice, bob) => {
    for (let at = 0; at < 3; at += 1) await upload(world, alice, octets(999_000));
    const full = { method: "POST", target: UPLOAD, client: alice, pieces: [octets(9_000)] } as const;
    assert.deepEqual(await errcode(ask(world, full)), [413, "M_TOO_LARGE"]);
    assert.deepEqual(await errcode(ask(world, { ...full, contentLength: 9_000 })), [413, "M_TOO_LARGE"]);
    await upload(world, bob, octets(999_000));
  }));

test("attack: an account brings so many files at a time", () =>
  inWorld(async (world, alice, bob) => {
    let go: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      go = resolve;
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield octets(5);
      await held;
    }
    const bring = (client: Client): ReturnType<typeof mediaOf> =>
      ask(world, { method: "POST", target: UPLOAD, client, pieces: slow() });
    const running = Array.from({ length: UPLOADS_OF_ACCOUNT_MAX }, () => bring(alice));
    assert.deepEqual(await errcode(bring(alice)), [429, "M_LIMIT_EXCEEDED"]);
    running.push(bring(bob));
    go();
    assert.deepEqual(new Set((await Promise.all(running)).map(each => each.status)), new Set([200]));
    assert.equal((await bring(alice)).status, 200);
  }));

test("who is gone before the end leaves nothing", () =>
  inWorld(async (world, alice) => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield octets(LARGE);
      throw new Error("aborted");
    }
    const answer = await ask(world, { method: "POST", target: UPLOAD, client: alice, pieces: broken() });
    assert.equal(answer.status, 400);
    assert.equal((await world.store.mediaUse((await world.store.accounts())[0]!.id)).octets, 0);
  }));

test("a file is announced, waited for, brought once by who announced it", () =>
  inWorld(async (world, alice, bob) => {
    const { body } = await world.ask("POST", "/_matrix/media/v1/create", { token: alice.token });
    const place = body.content_uri.slice("mxc://".length);
    assert.equal(body.unused_expires_at, world.sim.clock.now() + 24 * 3600 * 1000);
    const early = ask(world, { target: `${DOWNLOAD}/${place}?timeout_ms=0`, client: bob });
    assert.deepEqual(await errcode(early), [504, "M_NOT_YET_UPLOADED"]);
    const late = world.sim.until(errcode(ask(world, { target: `${DOWNLOAD}/${place}?timeout_ms=5000`, client: bob })));
    assert.deepEqual(await late, [504, "M_NOT_YET_UPLOADED"]);
    const waiting = ask(world, { target: `${DOWNLOAD}/${place}`, client: bob });
    const bring = (client: Client): ReturnType<typeof mediaOf> =>
      ask(world, { method: "PUT", target: `${UPLOAD}/${place}`, client, pieces: [octets(9)], contentType: "a/b" });
    assert.deepEqual(await errcode(bring(bob)), [403, "M_FORBIDDEN"]);
    assert.equal((await bring(alice)).status, 200);
    assert.deepEqual((await waiting).body, octets(9));
    assert.deepEqual(await errcode(bring(alice)), [409, "M_CANNOT_OVERWRITE_MEDIA"]);
    const other = ask(world, { method: "PUT", target: `${UPLOAD}/scop.test/none`, client: alice });
    assert.deepEqual(await errcode(other), [404, "M_NOT_FOUND"]);
  }));

test("so many files are awaited of an account, and none for longer than a day", () =>
  inWorld(async (world, alice) => {
    const create = (): ReturnType<World["ask"]> =>
      world.ask("POST", "/_matrix/media/v1/create", { token: alice.token });
    const first = (await create()).body.content_uri.slice("mxc://".length);
    for (let at = 0; at < 19; at += 1) assert.equal((await create()).status, 200);
    assert.deepEqual((await create()).body.errcode, "M_LIMIT_EXCEEDED");
    await world.sim.advance(24 * 3600 * 1000 + 1);
    assert.equal((await create()).status, 200);
    const late = ask(world, { method: "PUT", target: `${UPLOAD}/${first}`, client: alice, pieces: [octets(1)] });
    assert.deepEqual(await errcode(late), [404, "M_NOT_FOUND"]);
  }));

test("a small picture is its own thumbnail; nothing else has one, and no page is fetched", () =>
  inWorld(async (world, alice) => {
    const thumbnail = async (bytes: Uint8Array, type: string): Promise<number> => {
      const target = DOWNLOAD.replace("download", "thumbnail");
      const place = await upload(world, alice, bytes, type);
      return (await ask(world, { target: `${target}/${place}?width=32&height=32`, client: alice })).status;
    };
    assert.equal(await thumbnail(octets(9), "image/png"), 200);
    assert.equal(await thumbnail(octets(9), "image/svg+xml"), 404);
    assert.equal(await thumbnail(octets(9), "video/mp4"), 404);
    const asked = { token: alice.token };
    const preview = "/_matrix/client/v1/media/preview_url?url=http%3A%2F%2F127.0.0.1%2F";
    assert.deepEqual((await world.ask("GET", preview, asked)).body, {});
    for (const config of ["/_matrix/client/v1/media/config", "/_matrix/media/v3/config"])
      assert.deepEqual((await world.ask("GET", config, asked)).body, { "m.upload.size": 1_000_000 });
  }));
