import { readFile } from "node:fs/promises";
import { connectImap, runOk } from "../../apps/scop/crash/imap-client.ts";
import { certificatePath, freePorts, startReady, stopServer } from "../../apps/scop/crash/server-process.ts";
import type { Peer } from "../peer.ts";

/** This project: `scop serve --demo`, as anybody starts it. */
export async function startScop(folder: string): Promise<Peer | string> {
  const server = await startReady({ data: folder, ports: await freePorts() });
  return {
    name: "SCoP",
    promise: "stored in bob's mailbox, synced",
    port: server.ports.smtp,
    pid: server.pid,
    settled: () => Promise.resolve(),
    stored: async () => {
      const certificate = await readFile(certificatePath(folder));
      const client = await connectImap(server.ports.imaps, certificate, "bob@scop.test", "scop");
      const { untagged } = await runOk(client, "STATUS INBOX (MESSAGES)");
      client.close();
      return Number(/MESSAGES (\d+)/.exec(untagged[0]?.text ?? "")?.[1]);
    },
    stop: async () => void (await stopServer(server)),
  };
}
