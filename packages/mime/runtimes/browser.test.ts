import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { isInstalled } from "../../../scripts/tools.ts";
import { BENCH_MISSING, bundle, fromBench, hasEsbuild } from "./bundle.ts";
import { type Asked, questions } from "./inputs.ts";

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<Given, Answer>(work: string, given?: Given): Promise<Answer>;
}
interface Browser {
  newPage(): Promise<Page>;
  version(): string;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}

const playwright = fromBench<Playwright>("playwright-core");
const CHROMIUM = "chromium";
const CHROMIUM_PATH = "/usr/bin/chromium";

function whySkipped(): string | false {
  if (playwright === undefined || !hasEsbuild) return BENCH_MISSING;
  return isInstalled(CHROMIUM) ? false : "chromium is not installed (Debian package chromium)";
}

/** The worker: it has no `Buffer`, and no page. It reads with the byte loops of the libraries or with the codecs of the browser. */
const WORKER = `${"import"} * as work from "./work.ts";
${"import"} { installByteWork, pureByteWork, whatwgByteWork } from "@scop/wire";
onmessage = ({ data }) => {
  installByteWork(data.codecs ? whatwgByteWork(TextDecoder, TextEncoder) : pureByteWork);
  postMessage(typeof Buffer === "undefined" && typeof document === "undefined" ? work[data.read](data.input) : "no worker");
};`;

/** Asks the worker one thing after the other. */
const ASK = `questions => new Promise((resolve, reject) => {
  const worker = new Worker("/worker.js");
  const answers = [];
  const next = () => answers.length < questions.length ? worker.postMessage(questions[answers.length]) : resolve(answers);
  worker.onmessage = ({ data }) => { answers.push(data); next(); };
  worker.onerror = event => reject(new Error(event.message));
  next();
})`;

async function answersOf(page: Page, asked: readonly Asked[], codecs: boolean): Promise<readonly string[]> {
  const given = asked.map(({ read, input }) => ({ read, input, codecs }));
  return page.evaluate(`(${ASK})(${JSON.stringify(given)})`);
}

test("a worker of a browser reads and composes what Node does", { skip: whySkipped() }, async t => {
  const script = bundle(WORKER, "unused");
  const server = createServer(({ url }, answer) => {
    const isScript = url === "/worker.js";
    answer.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    answer.end(isScript ? script : "<!doctype html><title>mime</title>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await playwright!.chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] });
  try {
    t.diagnostic(`Chromium ${browser.version()}`);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const asked = questions();
    for (const codecs of [false, true]) {
      const answers = await answersOf(page, asked, codecs);
      assert.equal(answers.length, asked.length);
      for (const [index, { answer }] of asked.entries()) assert.equal(answers[index], answer);
    }
  } finally {
    await browser.close();
    server.close();
  }
});
