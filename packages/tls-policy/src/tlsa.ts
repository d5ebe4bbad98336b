import type { Crypto, PeerCertificates, TlsaRecord } from "@scop/platform";
import { equalBytes } from "@scop/wire";
import { publicKeyOf } from "./certificate.ts";

type Hashes = Pick<Crypto, "sha256" | "sha512">;

/** RFC 7218 2.1 */
const DANE_TA = 2;
const DANE_EE = 3;

const DIGEST_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 32],
  [2, 64],
]);

/**
 * The records that mean something between mail servers: DANE-TA and DANE-EE, of parts and digests that are known and as long as they have
 * to be. PKIX-TA and PKIX-EE are not for SMTP. RFC 7672 3.1.3
 */
export function usableTlsa(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  return records.filter(({ usage, selector, matching, data }) => {
    const isKnown = (usage === DANE_TA || usage === DANE_EE) && selector <= 1 && matching <= 2;
    return isKnown && data.length > 0 && data.length === (DIGEST_OCTETS.get(matching) ?? data.length);
  });
}

/** Whether a record is of this certificate. RFC 6698 2.1 */
function isOf(record: TlsaRecord, certificate: Uint8Array, hashes: Hashes): boolean {
  const part = record.selector === 0 ? certificate : publicKeyOf(certificate);
  if (part === undefined) return false;
  const wanted = record.matching === 0 ? part : record.matching === 1 ? hashes.sha256(part) : hashes.sha512(part);
  return equalBytes(wanted, record.data);
}

/**
 * Whether what a server showed is what the records ask for. DANE-EE: its own certificate, whatever name and date stand in it (RFC 7672 3.1.1).
 * DANE-TA: a certificate above it, for one of `names`, with every signature and date in order (RFC 7672 3.1.2).
 */
export function matchesTlsa(
  records: readonly TlsaRecord[],
  peer: PeerCertificates,
  names: readonly string[],
  hashes: Hashes,
): boolean {
  return records.some(record => {
    if (record.usage === DANE_EE) return peer.chain[0] !== undefined && isOf(record, peer.chain[0], hashes);
    return peer.chain.some((certificate, at) => isOf(record, certificate, hashes) && peer.isIssuedUnder(at, names));
  });
}
