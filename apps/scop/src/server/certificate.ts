import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SecureContext } from "node:tls";
import { secureContext, type TlsIdentity } from "@scop/node-host";
import { writeDurably } from "@scop/node-host/durable-file";
import { Fault, UsageError } from "../fault.ts";

/** Where a certificate comes from. */
interface CertificateSource {
  readonly folder: string;
  readonly names: readonly string[];
  readonly files: { readonly certificate: string; readonly key: string } | undefined;
}

/** A certificate in use. */
export interface Certificate {
  readonly context: SecureContext;
  readonly identity: TlsIdentity;
  readonly certificateFile: string;
  readonly selfSigned: boolean;
}

/** The certificate that is configured, or the one in the folder, made at the first start. */
export async function loadCertificate(source: CertificateSource): Promise<Certificate> {
  const certificateFile = resolve(source.files?.certificate ?? join(source.folder, "tls", "cert.pem"));
  const keyFile = resolve(source.files?.key ?? join(source.folder, "tls", "key.pem"));
  if (source.files === undefined && !existsSync(certificateFile)) await make(source, certificateFile, keyFile);
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new UsageError(
        `the TLS file ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  try {
    const identity = { certificate: read(certificateFile), key: read(keyFile) };
    return { context: secureContext(identity), identity, certificateFile, selfSigned: source.files === undefined };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new Fault(
      `${certificateFile} and ${keyFile} do not fit together: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

async function make(source: CertificateSource, certificateFile: string, keyFile: string): Promise<void> {
  // Loaded only for the first start: the library takes a tenth of a second.
  const { selfSigned } = await import("@scop/node-host/self-signed");
  const identity = await selfSigned({ names: source.names, now: Date.now() });
  mkdirSync(join(source.folder, "tls"), { recursive: true, mode: 0o700 });
  // The certificate last: where it is, its key is.
  writeDurably(keyFile, identity.key, 0o600);
  writeDurably(certificateFile, identity.certificate, 0o644);
}

/** Octets that only this installation knows, kept beside the data: they make the salts of users who do not exist. */
export function installationSecret(folder: string): Uint8Array {
  const file = join(folder, "secret");
  if (!existsSync(file)) writeDurably(file, randomBytes(32), 0o600);
  const secret = readFileSync(file);
  if (secret.length !== 32)
    throw new Fault(`${file} has ${secret.length} octets where 32 belong; restore it, or remove it to get a new one`);
  return secret;
}
