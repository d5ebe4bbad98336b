// The X.509 library resolves its parts by metadata on classes, and asks that this comes first.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { TlsIdentity } from "./tls.ts";

/** Ten years: who starts with it has time to get a real one. */
const VALID_MS = 10 * 365 * 86_400_000;
/** Clocks of clients may be behind by so much. */
const BACKDATED_MS = 86_400_000;

/** What the certificate is for. */
export interface SelfSignedOptions {
  /** Host names and IP addresses, the first one is the subject's common name. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A new key (P-256) and a certificate that it signed itself: encryption from the first minute, trust by comparing the file. */
export async function selfSigned(options: SelfSignedOptions): Promise<TlsIdentity> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const isAddress = (name: string): boolean => /^[0-9.]+$/.test(name) || name.includes(":");
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex"),
      name: [{ CN: [options.names[0] ?? "localhost"] }],
      notBefore: new Date(options.now - BACKDATED_MS),
      notAfter: new Date(options.now + VALID_MS),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth], false),
        new SubjectAlternativeNameExtension(
          options.names.map(name => ({ type: isAddress(name) ? "ip" : "dns", value: name }) as const),
        ),
      ],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: `${certificate.toString("pem")}\n`, key: `${PemConverter.encode(key, "PRIVATE KEY")}\n` };
}
