import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { isInstalled } from "../../../../scripts/tools.ts";
import { freePorts, type ServerProcess, startReady, stopServer } from "../../crash/server-process.ts";
import { BENCH_MISSING, fromBench } from "./program.ts";
import { PASSWORD } from "./server.ts";

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<Answer>(work: string): Promise<Answer>;
  reload(): Promise<unknown>;
}
interface Browser {
  newContext(): Promise<{ newPage(): Promise<Page> }>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}
interface Esbuild {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly contents: Uint8Array }[] }>;
}

const playwright = fromBench<Playwright>("playwright-core");
const esbuild = fromBench<Esbuild>("esbuild");
const CHROMIUM_PATH = "/usr/bin/chromium";
const BENCH = fileURLToPath(new URL("../../../../bench/", import.meta.url));
const WASM_PACKAGE = "@matrix-org/matrix-sdk-crypto-wasm";
const WASM_PATH = "/pkg/matrix_sdk_crypto_wasm_bg.wasm";

function whySkipped(): string | false {
  if (playwright === undefined || esbuild === undefined) return BENCH_MISSING;
  return isInstalled("chromium") ? false : "chromium is not installed (Debian package chromium)";
}

/** What a page can do: a client with the keys of one person in the browser's own database. */
const PAGE = `
import * as sdk from "matrix-js-sdk";
const until = async (what, ask) => {
  for (let turn = 0; turn < 600; turn += 1) {
    const found = await ask();
    if (found) return found;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error("it did not come to this: " + what);
};
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet };
let client;
const bodies = room => client.getRoom(room).getLiveTimeline().getEvents()
  .filter(event => event.getType() === "m.room.message" && !event.isDecryptionFailure())
  .map(event => event.getContent().body);
window.person = {
  async logIn(baseUrl, user, password) {
    const identifier = { type: "m.id.user", user };
    const login = await sdk.createClient({ baseUrl, logger: quiet }).loginRequest({ type: "m.login.password", identifier, password });
    localStorage.setItem("login", JSON.stringify({ baseUrl, login }));
    return this.goOn(baseUrl);
  },
  async goOn(baseUrl) {
    const { login } = JSON.parse(localStorage.getItem("login"));
    client = sdk.createClient({ baseUrl, accessToken: login.access_token, userId: login.user_id, deviceId: login.device_id, logger: quiet });
    await client.initRustCrypto();
    await client.startClient({ initialSyncLimit: 20 });
    await until("the first sync", () => client.isInitialSyncComplete());
    return client.getUserId();
  },
  async openRoom(invited) {
    const algorithm = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    const { room_id } = await client.createRoom({ preset: "trusted_private_chat", invite: [invited], is_direct: true, initial_state: [algorithm] });
    await until("the room", () => client.getRoom(room_id)?.hasEncryptionStateEvent());
    return room_id;
  },
  async join(room) {
    await until("the invitation", () => client.getRoom(room)?.getMyMembership() === "invite");
    await client.joinRoom(room);
    await until("the room", () => client.getRoom(room)?.getJoinedMemberCount() === 2);
  },
  members: (room, count) => until("the members", () => client.getRoom(room)?.getJoinedMemberCount() === count),
  say: (room, text) => client.sendTextMessage(room, text),
  async read(room, text) {
    await until("the text " + text, () => bodies(room).includes(text));
    return bodies(room);
  },
  async raw(room) {
    const path = "/rooms/" + encodeURIComponent(room) + "/messages?dir=b&limit=50";
    const { chunk } = await client.http.authedRequest("GET", path);
    return chunk.map(({ type, content }) => ({ type, text: JSON.stringify(content) }));
  },
};
window.ready = true;
`;

describe("matrix-js-sdk in Chromium", { skip: whySkipped() }, () => {
  let folder: string;
  let server: ServerProcess;
  let web: Server;
  let browser: Browser;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "scop-browser-"));
    server = await startReady({ data: join(folder, "data"), ports: await freePorts() });
    web = await pages();
    browser = await playwright!.chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] });
  });
  after(async () => {
    await browser.close();
    web.close();
    await stopServer(server);
    await rm(folder, { recursive: true, force: true });
  });
  const baseUrl = (): string => `http://127.0.0.1:${server.ports.http}`;
  const openPage = async (): Promise<Page> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`);
    await isReady(page);
    return page;
  };
  const isReady = (page: Page): Promise<unknown> =>
    page.evaluate(
      "new Promise(resolve => { const look = () => (window.ready ? resolve(1) : setTimeout(look, 20)); look(); })",
    );
  const ask = <Answer>(page: Page, what: string, ...given: readonly unknown[]): Promise<Answer> =>
    page.evaluate(`window.person.${what}(${given.map(each => JSON.stringify(each)).join(", ")})`);

  it("two people talk in secret from two browsers, and read it again after server and page went away", async () => {
    const [alice, bob] = [await openPage(), await openPage()];
    assert.equal(await ask(alice, "logIn", baseUrl(), "alice", PASSWORD), "@alice:scop.test");
    assert.equal(await ask(bob, "logIn", baseUrl(), "bob", PASSWORD), "@bob:scop.test");
    const room = await ask<string>(alice, "openRoom", "@bob:scop.test");
    await ask(bob, "join", room);
    await ask(alice, "members", room, 2);
    await ask(alice, "say", room, "Do you read me?");
    await ask(bob, "read", room, "Do you read me?");
    await ask(bob, "say", room, "Every word.");
    await ask(alice, "read", room, "Every word.");
    const raw = await ask<readonly { type: string; text: string }[]>(bob, "raw", room);
    assert.equal(raw.filter(({ type }) => type === "m.room.encrypted").length, 2);
    assert.ok(!raw.some(({ text }) => text.includes("read me") || text.includes("Every word")));

    await stopServer(server);
    server = await startReady({ data: join(folder, "data"), ports: await freePorts() });
    await alice.reload();
    await isReady(alice);
    await ask(alice, "goOn", baseUrl());
    assert.deepEqual(await ask(alice, "read", room, "Every word."), ["Do you read me?", "Every word."]);
    await ask(alice, "say", room, "Still here.");
    await bob.reload();
    await isReady(bob);
    await ask(bob, "goOn", baseUrl());
    assert.ok((await ask<readonly string[]>(bob, "read", room, "Still here.")).length >= 1);
  });
});

/** A page with the client, and the code that encrypts beside it. */
async function pages(): Promise<Server> {
  const built = await esbuild!.build({
    stdin: { contents: PAGE, resolveDir: BENCH, loader: "js" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["browser", "import"],
    define: { global: "globalThis" },
    logLevel: "silent",
  });
  const require = createRequire(join(BENCH, "package.json"));
  const wasm = await readFile(join(dirname(require.resolve(WASM_PACKAGE)), WASM_PATH));
  const files: Readonly<Record<string, readonly [type: string, body: Uint8Array | string]>> = {
    "/client.js": ["text/javascript", built.outputFiles[0]!.contents],
    [WASM_PATH]: ["application/wasm", wasm],
    "/": ["text/html", '<!doctype html><title>client</title><script type="module" src="/client.js"></script>'],
  };
  const web = createServer(({ url = "/" }, answer) => {
    const [type, body] = files[url] ?? ["text/plain", ""];
    answer.setHeader("content-type", type);
    answer.end(body);
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return web;
}
