import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { PeerCertificates } from "@scop/platform";

/** Certificates of one chain that are looked at. */
const CHAIN_MAX = 10;

/** The certificates from the server's own upwards. */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < CHAIN_MAX) {
    chain.push(certificate);
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    certificate = issuer?.fingerprint256 === certificate.fingerprint256 ? undefined : issuer;
  }
  return chain;
}

function isValidNow(certificate: X509Certificate, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}

/** What the server on this connection showed. */
export function peerCertificates(socket: TLSSocket): PeerCertificates {
  const chain = chainOf(socket);
  return {
    chain: chain.map(certificate => new Uint8Array(certificate.raw)),
    isIssuedUnder: (at, names) => {
      const now = Date.now();
      const own = chain[0];
      if (own === undefined || !names.some(name => own.checkHost(name) !== undefined)) return false;
      return chain.slice(0, at + 1).every((certificate, index) => {
        const issuer = index < at ? chain[index + 1] : undefined;
        const isIssued =
          index === at ||
          (issuer?.ca === true && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
        return isIssued && isValidNow(certificate, now);
      });
    },
  };
}
