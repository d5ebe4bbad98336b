import { createSecureContext, type SecureContext } from "node:tls";

/** A certificate with its key, both PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

/** RFC 9325 4.2: forward secrecy and authenticated encryption only. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** TLS 1.2 and better with this certificate. Throws where certificate and key do not fit. */
export function secureContext(identity: TlsIdentity): SecureContext {
  return createSecureContext({
    cert: identity.certificate,
    key: identity.key,
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    honorCipherOrder: true,
  });
}
