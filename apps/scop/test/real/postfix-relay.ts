import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { receiveMail } from "@scop/node-host/mail";
import { latin1 } from "@scop/wire";
import { runPostfix, SERVICES } from "../../../../bench/peers/postfix.ts";
import { missing } from "./program.ts";

/** Why tests with a Postfix of their own are skipped. */
export function postfixMissing(): string | false {
  const installed = missing("postconf", "-d", /mail_version/);
  return installed || (process.getuid?.() === 0 ? false : "Postfix can only be started by root");
}

/** A Postfix that takes mail of this machine for these domains, and hands it on to their ports here. */
export async function startPostfixRelay(
  folder: string,
  hostname: string,
  port: number,
  hops: Readonly<Record<string, number>>,
): Promise<{ stop(): Promise<void> }> {
  const own = join(folder, "postfix");
  await mkdir(own);
  const lines = Object.entries(hops).map(([domain, hop]) => `${domain} smtp:[127.0.0.1]:${hop}\n`);
  await writeFile(join(folder, "transport"), lines.join(""));
  const settings = {
    myhostname: hostname,
    relay_domains: Object.keys(hops).join(" "),
    relay_transport: "smtp",
    transport_maps: `texthash:${join(folder, "transport")}`,
  };
  const services = [...SERVICES, "smtp unix - - n - - smtp", "relay unix - - n - - smtp"];
  const running = await runPostfix(own, settings, services, port);
  assert.ok(typeof running !== "string", String(running));
  return running;
}

const ARRIVAL_MS_MAX = 20_000;

/** Where mail ends. */
export interface Sink {
  readonly port: number;
  /** What it is given with this in it. Rejects where that takes long. */
  arrival(marker: string): Promise<string>;
  close(): Promise<void>;
}

/** A server that takes everything and keeps what somebody waits for. */
export async function startSink(hostname: string): Promise<Sink> {
  const arrived = new Map<string, (message: string) => void>();
  const sink = await receiveMail({
    hostname,
    port: 0,
    onMessage: async ({ message }) => {
      const text = latin1(await message.bytes());
      for (const [marker, resolve] of arrived) if (text.includes(marker)) resolve(text);
      return undefined;
    },
  });
  return {
    port: sink.port,
    arrival: marker => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const limit = setTimeout(() => reject(new Error(`${marker} did not arrive`)), ARRIVAL_MS_MAX);
      arrived.set(marker, message => {
        clearTimeout(limit);
        resolve(message);
      });
      return promise;
    },
    close: () => sink.close(),
  };
}
