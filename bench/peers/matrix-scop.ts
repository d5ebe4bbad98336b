import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts, startReady, stopServer } from "../../apps/scop/crash/server-process.ts";
import type { FederationPlace } from "../federation.ts";
import { type MatrixPeer, PASSWORD } from "../matrix-peer.ts";

const MAIN = fileURLToPath(new URL("../../apps/scop/src/main.ts", import.meta.url));

/** This project: `scop serve --demo` with further accounts, `u1` and on. */
export async function startMatrixScop(folder: string, users: number): Promise<MatrixPeer> {
  return startScopOn(folder, users, "scop.test", ["--demo"]);
}

/** The same with a name and a way to other servers; what is in the folder already is served. */
export async function startFederatedScop(folder: string, users: number, place: FederationPlace): Promise<MatrixPeer> {
  const { serverName, certificate, key, trust, port, dnsPort } = place;
  const config = join(folder, "scop.config.mjs");
  const federation = { allowAddresses: ["127.0.0.1"], trust };
  await writeFile(config, `export default ${JSON.stringify({ tls: { certificate, key }, federation })};\n`);
  const way = ["--config", config, "--federation", String(port), "--resolver", `127.0.0.1:${dnsPort}`];
  return startScopOn(folder, users, serverName, [...(serverName === "scop.test" ? ["--demo"] : []), ...way]);
}

async function startScopOn(
  folder: string,
  users: number,
  serverName: string,
  options: readonly string[],
): Promise<MatrixPeer> {
  const server = await startReady({ data: folder, ports: await freePorts(), options });
  for (let at = 1; at <= users; at += 1) await addAccount(folder, `u${at}@${serverName}`);
  return {
    name: "SCoP",
    baseUrl: `http://127.0.0.1:${server.ports.http}`,
    serverName,
    pids: [server.pid],
    stop: async () => void (await stopServer(server)),
  };
}

async function addAccount(data: string, address: string): Promise<void> {
  const command = ["--conditions=@scop/source", MAIN, "account", "add", address, "--data", data];
  const child = spawn(process.execPath, command, { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(`${PASSWORD}\n`);
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`the account ${address} was not added: status ${status}`);
}
