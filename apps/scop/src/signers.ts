import { readFileSync } from "node:fs";
import { parseDomain } from "@scop/address";
import type { Signer } from "@scop/dkim";
import { parseResolver } from "@scop/dns";
import type { Platform } from "@scop/platform";
import { type RemoteSignerOptions, remoteSigner } from "@scop/unikernel-host";
import { describe } from "@scop/wire";
import type { ScopConfig } from "./config.ts";
import { UsageError } from "./fault.ts";

/** Domains whose keys are in another machine, and how that is asked. */
export type RemoteSigners = ReadonlyMap<string, RemoteSignerOptions>;

/** With a shorter one the signer does not start. */
const SECRET_OCTETS_MIN = 32;

/** The signers that a configuration says, with their secrets, of which white space at the end is not a part. Throws `UsageError` for what makes no sense. */
export function remoteSignersOf(config: ScopConfig["signers"]): RemoteSigners {
  return new Map(
    Object.entries(config ?? {}).map(([domain, { address, secretFile }]) => {
      const key = `signers: ${domain}`;
      const name = parseDomain(domain);
      if (!name.ok) throw new UsageError(`${key}: not a domain: ${describe(name.error)}`);
      const where = /:[0-9]+$/.test(address) ? parseResolver(address) : undefined;
      if (where === undefined) throw new UsageError(`${key}: ${address}: write ADDRESS:PORT, as in 127.0.0.1:7465`);
      return [name.value, { address: where.address, port: where.port, secret: secretOf(key, secretFile) }] as const;
    }),
  );
}

function secretOf(key: string, file: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(file, "latin1").trimEnd();
  } catch (error) {
    throw new UsageError(`${key}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (text.length < SECRET_OCTETS_MIN)
    throw new UsageError(`${key}: ${file} has ${text.length} octets; allowed are ${SECRET_OCTETS_MIN} or more`);
  return Buffer.from(text, "latin1");
}

/** Signs by these where a domain has one, and by `local` for all others. Where a remote one can't be reached, nothing goes out unsigned: it rejects. */
export function signerOf(
  io: Pick<Platform, "net" | "crypto" | "timers">,
  local: Signer,
  remote: RemoteSigners,
): Signer {
  const elsewhere = new Map([...remote].map(([domain, options]) => [domain, remoteSigner(io, options)]));
  const of = (domain: string): Signer => elsewhere.get(domain) ?? local;
  return {
    keys: domain => of(domain).keys(domain),
    sign: (domain, selector, digest, octets) => of(domain).sign(domain, selector, digest, octets),
  };
}
