import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseName, type RecordData } from "@scop/dns";
import { selfSigned } from "@scop/node-host/self-signed";
import type { IpText } from "@scop/wire";
import { freePorts } from "../apps/scop/crash/server-process.ts";
import { type ServedZone, serveZone } from "../apps/scop/test/zone-server.ts";

/** How a homeserver finds others, and is found by them. */
export interface FederationPlace {
  readonly serverName: string;
  readonly port: number;
  /** Its own, as files (PEM). */
  readonly certificate: string;
  readonly key: string;
  /** The certificates of all (PEM). */
  readonly trust: string;
  /** Who is asked for names, on loopback. */
  readonly dnsPort: number;
}

/** Places for homeservers of these names on this machine, which find and trust each other until `stop`. */
export async function openFederation(
  folder: string,
  names: readonly string[],
): Promise<{ readonly places: readonly FederationPlace[]; stop(): void }> {
  await mkdir(folder, { recursive: true });
  const zone: ServedZone = new Map();
  const dns = await serveZone(zone);
  const trust = join(folder, "trust.pem");
  const certificates: string[] = [];
  const places: FederationPlace[] = [];
  for (const serverName of names) {
    const host = `mail.${serverName}`;
    const tls = await selfSigned({ names: [serverName, host], now: Date.now() });
    const [certificate, key] = [join(folder, `${serverName}.pem`), join(folder, `${serverName}.key`)];
    await writeFile(certificate, tls.certificate);
    await writeFile(key, tls.key);
    certificates.push(tls.certificate);
    const { smtp: port } = await freePorts();
    const target = parseName(host);
    if (!target.ok) throw new Error("it is a name");
    const here: RecordData = { type: "A", address: "127.0.0.1" as IpText };
    zone.set(serverName, [here]).set(host, [here]);
    zone.set(`_matrix-fed._tcp.${serverName}`, [{ type: "SRV", priority: 0, weight: 0, port, target: target.value }]);
    places.push({ serverName, port, certificate, key, trust, dnsPort: dns.port });
  }
  await writeFile(trust, certificates.join(""));
  return { places, stop: () => dns.stop() };
}
