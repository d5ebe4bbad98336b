import type { TlsaRecord } from "@scop/platform";
import { simulatedCrypto } from "@scop/sim";
import { latin1Bytes, utf8Bytes } from "@scop/wire";
import { B } from "./servers.ts";
import type { World } from "./world.ts";

export const CERTIFICATE = latin1Bytes("the certificate of mx.b.test");
export const AUTHORITY = latin1Bytes("the certificate of who issued it");

export function tlsa(usage: number, certificate: Uint8Array): TlsaRecord {
  return { usage, selector: 0, matching: 1, data: simulatedCrypto.sha256(certificate) };
}

/** b.test publishes an MTA-STS policy. */
export function publishSts(here: World, mode: "enforce" | "testing" | "none", host = "mx.b.test"): void {
  here.zone.txt.set("_mta-sts.b.test", ["v=STSv1; id=1;"]);
  const body = utf8Bytes(`version: STSv1\r\nmode: ${mode}\r\nmx: ${host}\r\nmax_age: 86400\r\n`);
  const answer = { got: "response", status: 200, contentType: "text/plain", body } as const;
  here.web.set("mta-sts.b.test/.well-known/mta-sts.txt", answer);
}

/** b.test is signed, and has these records for its mail exchanger. */
export function publishDane(here: World, ...records: readonly TlsaRecord[]): void {
  publishDaneOf(here, "mx.b.test", ...records);
}

/** The same for another host that is one. */
export function publishDaneOf(here: World, host: string, ...records: readonly TlsaRecord[]): void {
  for (const name of ["b.test", host, `_25._tcp.${host}`]) here.zone.authentic.add(name);
  here.zone.tlsa.set(`_25._tcp.${host}`, records);
}

/** mx.b.test shows this certificate, which the usual authorities believe for these names. */
export function show(here: World, ...names: readonly string[]): void {
  here.network.certificates.set(B.address, { chain: [CERTIFICATE, AUTHORITY], names });
}

export const GOOD = tlsa(3, CERTIFICATE);
export const WRONG = tlsa(3, latin1Bytes("another certificate"));
