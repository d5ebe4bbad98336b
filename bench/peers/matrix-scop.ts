import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePorts, startReady, stopServer } from "../../apps/scop/crash/server-process.ts";
import { type MatrixPeer, PASSWORD } from "../matrix-peer.ts";

const MAIN = fileURLToPath(new URL("../../apps/scop/src/main.ts", import.meta.url));

/** This project: `scop serve --demo` with further accounts. */
export async function startMatrixScop(folder: string, users: number): Promise<MatrixPeer> {
  const server = await startReady({ data: folder, ports: await freePorts() });
  for (let at = 1; at <= users; at += 1) await addAccount(folder, `u${at}@scop.test`);
  return {
    name: "SCoP",
    baseUrl: `http://127.0.0.1:${server.ports.http}`,
    serverName: "scop.test",
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
