import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../apps/scop/crash/server-process.ts";
import { SYNAPSE_PYTHON } from "../../scripts/tools.ts";
import type { FederationPlace } from "../federation.ts";
import { type MatrixPeer, PASSWORD } from "../matrix-peer.ts";
import { startPostgres } from "./postgres.ts";

const START_MS_MAX = 60_000;
const POLL_MS = 200;
const SERVER_NAME = "synapse.test";
const SCRIPT = fileURLToPath(new URL("../../apps/scop/test/real/python/start_synapse.py", import.meta.url));

/** Limits that no measurement reaches. */
const NO_LIMIT = { per_second: 100_000, burst_count: 100_000 };

/** Synapse on PostgreSQL, as its documentation has it for one process, without limits of rates. */
export async function startSynapse(
  folder: string,
  users: number,
  place?: FederationPlace,
): Promise<MatrixPeer | string> {
  if (!existsSync(SYNAPSE_PYTHON)) return "Synapse is not installed: npm run test:all installs it";
  const { http, imap } = await freePorts();
  const postgres = await startPostgres(join(folder, "postgres"), imap);
  if (typeof postgres === "string") return postgres;
  postgres.query("CREATE DATABASE synapse");
  const configuration = join(folder, "homeserver.yaml");
  await mkdir(join(folder, "media"));
  // JSON is YAML.
  const common = configurationOf(folder, http, imap);
  await writeFile(
    configuration,
    JSON.stringify(place === undefined ? common : { ...common, ...wayToOthers(http, place) }),
  );
  // With others it needs services of a DNS server of ours.
  const program = place === undefined ? ["-m", "synapse.app.homeserver"] : [SCRIPT, String(place.dnsPort)];
  const command = [...program, "-c", configuration];
  // The key that signs is made first, in a process of its own.
  await once(spawn(SYNAPSE_PYTHON, [...command, "--generate-keys"], { stdio: "ignore" }), "exit");
  const child = spawn(SYNAPSE_PYTHON, command, { stdio: "ignore", cwd: folder });
  const baseUrl = `http://127.0.0.1:${http}`;
  const stop = async (): Promise<void> => {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
    await postgres.stop();
  };
  try {
    await untilReady(child, baseUrl);
    for (let at = 1; at <= users; at += 1) await register(baseUrl, `u${at}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: "Synapse",
    baseUrl,
    serverName: place?.serverName ?? SERVER_NAME,
    pids: [child.pid!, postgres.pid],
    stop,
  };
}

function configurationOf(folder: string, port: number, postgresPort: number): object {
  const database = {
    user: "postgres",
    dbname: "synapse",
    host: "127.0.0.1",
    port: postgresPort,
    cp_min: 5,
    cp_max: 10,
  };
  return {
    server_name: SERVER_NAME,
    report_stats: false,
    listeners: [
      { port, type: "http", bind_addresses: ["127.0.0.1"], resources: [{ names: ["client"], compress: false }] },
    ],
    database: { name: "psycopg2", args: database },
    media_store_path: join(folder, "media"),
    signing_key_path: join(folder, "signing.key"),
    macaroon_secret_key: randomBytes(24).toString("hex"),
    enable_registration: true,
    enable_registration_without_verification: true,
    suppress_key_server_warning: true,
    trusted_key_servers: [],
    presence: { enabled: false },
    rc_message: NO_LIMIT,
    rc_registration: NO_LIMIT,
    rc_login: { address: NO_LIMIT, account: NO_LIMIT, failed_attempts: NO_LIMIT },
    rc_joins: { local: NO_LIMIT, remote: NO_LIMIT },
    rc_joins_per_room: NO_LIMIT,
    rc_invites: { per_room: NO_LIMIT, per_user: NO_LIMIT },
  };
}

/** What makes it one of several servers on this machine. */
function wayToOthers(http: number, { serverName, port, certificate, key, trust }: FederationPlace): object {
  const listener = { type: "http", bind_addresses: ["127.0.0.1"] };
  return {
    server_name: serverName,
    listeners: [
      { ...listener, port: http, resources: [{ names: ["client"], compress: false }] },
      { ...listener, port, tls: true, resources: [{ names: ["federation"], compress: false }] },
    ],
    tls_certificate_path: certificate,
    tls_private_key_path: key,
    federation_custom_ca_list: [trust],
    ip_range_blacklist: [],
    federation_ip_range_blacklist: [],
  };
}

async function untilReady(child: ChildProcess, baseUrl: string): Promise<void> {
  for (let waited = 0; child.exitCode === null && waited < START_MS_MAX; waited += POLL_MS) {
    const answer = await fetch(`${baseUrl}/_matrix/client/versions`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(POLL_MS);
  }
  throw new Error("Synapse did not begin to answer");
}

async function register(baseUrl: string, username: string): Promise<void> {
  const body = { username, password: PASSWORD, auth: { type: "m.login.dummy" }, inhibit_login: true };
  const answer = await fetch(`${baseUrl}/_matrix/client/v3/register`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`Synapse did not register ${username}: ${await answer.text()}`);
}
