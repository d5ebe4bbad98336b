import { type CertificateFault, TlsFailed, type TlsInfo } from "@scop/platform";

/** What the base found out about a certificate, by its number: nothing, that it is good, or what is wrong. */
const FAULTS: readonly (CertificateFault | undefined)[] = [undefined, undefined, "expired", "host", "untrusted"];
const VERIFIED = 1;

/** What became of a handshake, from the base's words. Throws `TlsFailed` where it failed. */
export function tlsInfo(report: string): TlsInfo {
  const [outcome, ...words] = report.split(" ");
  if (outcome !== "ok") {
    const [verdict, ...why] = words;
    throw new TlsFailed(why.join(" "), FAULTS[Number(verdict)]);
  }
  const [protocol = "", cipher = "", verdict] = words;
  const fault = FAULTS[Number(verdict)];
  return { protocol, cipher, verified: Number(verdict) === VERIFIED, ...(fault === undefined ? {} : { fault }) };
}
