import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseResolver } from "@scop/dns";
import { nodePlatform, type TlsIdentity } from "@scop/node-host";
import type { Dns } from "@scop/platform";
import { runProgram } from "./program.ts";

/** A zone of the laboratory, its records as lines of a zone file. */
interface LabZone {
  readonly origin: string;
  readonly records: readonly string[];
  /** `tampered`: signed, and then this text in it was replaced by that one. `expired`: its signatures are of 2020. */
  readonly is: "signed" | "unsigned" | "expired" | { readonly tampered: string; readonly to: string };
}

/** nsd with the zones, and unbound before it, both on loopback. */
export interface DnsLab {
  readonly folder: string;
  /** `127.0.0.1:port` of unbound, which validates and says why. */
  readonly resolver: string;
  /** The same, of one that says SERVFAIL and no more. */
  readonly terseResolver: string;
  /** The port of unbound's DNS over TLS. */
  readonly tlsPort: number;
  /** Look-ups at a resolver, trusted. */
  dns(resolver: string): Dns;
  stop(): Promise<void>;
}

const PROGRAMS = ["nsd", "unbound", "ldns-signzone", "ldns-keygen"];
const START_MS_MAX = 10_000;
const POLL_MS = 50;

/** Why tests with the laboratory are skipped. */
export function labMissing(): string | false {
  const path = { env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` } };
  const lacking = PROGRAMS.filter(name => spawnSync("sh", ["-c", `command -v ${name}`], path).status !== 0);
  return lacking.length === 0 ? false : `not installed: ${lacking.join(", ")}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise(done => server.close(done));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

function zoneText(zone: LabZone): string {
  const { origin, records } = zone;
  const soa = "@ IN SOA ns hostmaster 1 3600 600 604800 60";
  return [`$ORIGIN ${origin}.`, "$TTL 60", soa, "@ IN NS ns", "ns IN A 127.0.0.1", ...records, ""].join("\n");
}

/** Writes a zone, signed where it is to be; answers the trust anchor, empty where there is none. */
async function writeZone(folder: string, zone: LabZone): Promise<string> {
  const file = join(folder, `${zone.origin}.zone`);
  await writeFile(file, zoneText(zone));
  if (zone.is === "unsigned") return "";
  const made = spawnSync("ldns-keygen", ["-a", "ECDSAP256SHA256", "-k", zone.origin], {
    cwd: folder,
    encoding: "utf8",
  });
  const key = made.stdout.trim();
  const dates = zone.is === "expired" ? ["-i", "20200101", "-e", "20200201"] : [];
  const signed = await runProgram("ldns-signzone", ...dates, "-f", file, file, join(folder, key));
  if (signed.status !== 0) throw new Error(signed.text);
  if (typeof zone.is === "object") {
    const text = await readFile(file, "utf8");
    if (!text.includes(zone.is.tampered)) throw new Error(`${zone.origin} has no ${zone.is.tampered}`);
    await writeFile(file, text.replaceAll(zone.is.tampered, zone.is.to));
  }
  return readFile(join(folder, `${key}.ds`), "utf8");
}

function nsdConfig(folder: string, port: number, zones: readonly LabZone[]): string {
  const entries = zones.map(({ origin }) => `zone:\n  name: ${origin}\n  zonefile: ${folder}/${origin}.zone\n`);
  return `server:
  ip-address: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: ${folder}
  pidfile: ${folder}/nsd.pid
  xfrdfile: ${folder}/xfrd.state
  zonelistfile: ${folder}/zone.list
  logfile: ${folder}/nsd.log
  server-count: 1
remote-control:
  control-enable: no
${entries.join("")}`;
}

interface UnboundPorts {
  readonly plain: number;
  readonly tls: number;
  readonly nsd: number;
}

function unboundConfig(folder: string, ports: UnboundPorts, zones: readonly LabZone[], words: "yes" | "no"): string {
  const stubs = zones.map(
    ({ origin }) => `stub-zone:\n  name: ${origin}\n  stub-addr: 127.0.0.1@${ports.nsd}\n  stub-prime: no\n`,
  );
  return `server:
  username: ""
  chroot: ""
  directory: ${folder}
  pidfile: ${folder}/unbound-${words}.pid
  use-syslog: no
  logfile: ${folder}/unbound-${words}.log
  do-daemonize: no
  num-threads: 1
  interface: 127.0.0.1@${ports.plain}
  interface: 127.0.0.1@${ports.tls}
  tls-port: ${ports.tls}
  tls-service-key: ${folder}/key.pem
  tls-service-pem: ${folder}/cert.pem
  do-ip6: no
  module-config: "validator iterator"
  trust-anchor-file: ${folder}/anchors
  do-not-query-localhost: no
  local-zone: "test." nodefault
  ede: ${words}
remote-control:
  control-enable: no
${stubs.join("")}`;
}

function start(name: string, config: string): ChildProcess {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  return spawn(name, ["-d", "-c", config], { stdio: "ignore", env });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill("SIGTERM");
  await over;
}

function dnsAt(resolver: string): Dns {
  const server = parseResolver(resolver);
  if (server === undefined) throw new Error(`${resolver} is no resolver`);
  return nodePlatform({ resolvers: [server] }).dns;
}

/** Waits until a resolver knows the zones; with a new resolver of ours each time, so that none remembers a failure. */
async function answers(resolver: string, origin: string): Promise<void> {
  for (let waited = 0; waited < START_MS_MAX; waited += POLL_MS) {
    if ((await dnsAt(resolver).a(`ns.${origin}`)).found === "records") return;
    await sleep(POLL_MS);
  }
  throw new Error(`${resolver} does not answer for ${origin}`);
}

/** Starts the laboratory. The first zone is one that can be looked up. `identity`: for DNS over TLS. */
export async function startDnsLab(zones: readonly LabZone[], identity: TlsIdentity): Promise<DnsLab> {
  const folder = await mkdtemp(join(tmpdir(), "scop-dns-"));
  const [nsd, plain, tls, terse, terseTls] = await Promise.all(Array.from({ length: 5 }, freePort));
  const anchors = await Promise.all(zones.map(zone => writeZone(folder, zone)));
  await writeFile(join(folder, "anchors"), anchors.join(""));
  await writeFile(join(folder, "cert.pem"), identity.certificate);
  await writeFile(join(folder, "key.pem"), identity.key);
  await writeFile(join(folder, "nsd.conf"), nsdConfig(folder, nsd!, zones));
  const ports = { plain: plain!, tls: tls!, nsd: nsd! };
  await writeFile(join(folder, "unbound.conf"), unboundConfig(folder, ports, zones, "yes"));
  const others = { plain: terse!, tls: terseTls!, nsd: nsd! };
  await writeFile(join(folder, "terse.conf"), unboundConfig(folder, others, zones, "no"));
  const programs = [
    start("nsd", join(folder, "nsd.conf")),
    start("unbound", join(folder, "unbound.conf")),
    start("unbound", join(folder, "terse.conf")),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  const [resolver, terseResolver] = [`127.0.0.1:${plain}`, `127.0.0.1:${terse}`];
  try {
    for (const each of [resolver, terseResolver]) await answers(each, zones[0]!.origin);
  } catch (error) {
    const logs = await Promise.all(
      ["nsd.log", "unbound-yes.log"].map(name => readFile(join(folder, name), "utf8").catch(() => "")),
    );
    await stop();
    throw new Error(`${String(error)}\n${logs.join("\n")}`);
  }
  return { folder, resolver, terseResolver, tlsPort: tls!, dns: dnsAt, stop };
}
