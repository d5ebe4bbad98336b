import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { selfSigned } from "@scop/node-host/self-signed";
import { parseStsPolicy } from "@scop/tls-policy";
import { latin1Bytes } from "@scop/wire";
import { freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { runLines } from "./run-scop.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-https-"));
const running: ServerProcess[] = [];
after(async () => {
  await Promise.all(running.map(stopServer));
  rmSync(folder, { recursive: true, force: true });
});

test("the policy of our domains is served over HTTPS, to who asks for it by name, and nothing else is", async () => {
  const data = join(folder, "data");
  await runLines(`domain add b.test --data ${data}`);
  const identity = await selfSigned({ names: ["mail.b.test", "mta-sts.b.test"], now: Date.now() });
  const [certificate, key, config] = ["cert.pem", "key.pem", "scop.config.ts"].map(name => join(folder, name));
  writeFileSync(certificate!, identity.certificate);
  writeFileSync(key!, identity.key);
  writeFileSync(config!, `export default ${JSON.stringify({ hostname: "mail.b.test", tls: { certificate, key } })};\n`);
  const [ports, others] = [await freePorts(), await freePorts()];
  const options = ["--config", config!, "--https", String(others.http)];
  const server = await startReady({ data, ports, options });
  running.push(server);
  assert.match(server.output(), new RegExp(`HTTPS +127\\.0\\.0\\.1:${others.http}`));

  /** As RFC 8461 3.3 wants it: the certificate has to be one for the host. */
  const get = async (host: string, path: string, method = "GET"): Promise<readonly [number, string, string]> => {
    const asked = request({
      host: "127.0.0.1",
      port: others.http,
      servername: host,
      path,
      method,
      ca: identity.certificate,
    });
    asked.setHeader("host", host);
    asked.end();
    const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
      asked.on("response", resolve);
      asked.on("error", reject);
    });
    return [response.statusCode ?? 0, response.headers["content-type"] ?? "", await text(response)];
  };
  const [code, type, body] = await get("mta-sts.b.test", "/.well-known/mta-sts.txt");
  assert.deepEqual([code, type], [200, "text/plain; charset=utf-8"]);
  const policy = parseStsPolicy(latin1Bytes(body));
  assert.ok(policy.ok);
  assert.equal(policy.value.mode, "enforce");
  assert.deepEqual(policy.value.names, [{ is: "host", domain: "mail.b.test" }]);
  for (const path of ["/", "/metrics", "/health"]) assert.equal((await get("mail.b.test", path))[0], 404, path);
  assert.equal((await get("mail.b.test", "/.well-known/mta-sts.txt"))[0], 404);
  assert.equal((await get("mta-sts.b.test", "/.well-known/mta-sts.txt", "POST"))[0], 405);
  await assert.rejects(get("mta-sts.other.test", "/.well-known/mta-sts.txt"), /altnames/);
});
