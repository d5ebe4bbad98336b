import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createHomeserver, type Homeserver, type HomeserverOptions } from "@scop/homeserver";
import { writeDurably } from "@scop/node-host/durable-file";
import type { Platform } from "@scop/platform";
import type { AuthenticatorFactory } from "@scop/sasl";
import type { Store } from "@scop/store";

/** What a homeserver on this machine is made of. */
interface MatrixParts {
  readonly io: Platform;
  readonly store: Store;
  readonly data: string;
  /** The first of them names a server that has no name yet. */
  readonly domains: readonly string[];
  readonly authenticators: AuthenticatorFactory;
  readonly baseUrl: () => string;
}

/** A homeserver, and the name in its user ids. */
export interface Matrix {
  readonly server: Homeserver;
  readonly serverName: string;
}

const KEY_FILE = ".pem";

/**
 * The homeserver of a data folder. Its key is made at the first start and named by the domain that was the first one then: events that are
 * signed with it are for good, so that neither may change when further domains are added.
 */
export function openMatrix({ io, store, data, domains, authenticators, baseUrl }: MatrixParts): Matrix {
  const folder = join(data, "matrix");
  const [known] = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith(KEY_FILE)) : [];
  const serverName = known?.slice(0, -KEY_FILE.length) ?? domains[0]!;
  const file = join(folder, `${serverName}${KEY_FILE}`);
  if (known === undefined) makeKey(folder, file);
  const options: HomeserverOptions = {
    serverName,
    baseUrl,
    signer: signerOf(serverName, createPrivateKey(readFileSync(file))),
    peers: undefined,
    authenticator: key => authenticators.on({ key, binding: () => undefined }),
  };
  return { server: createHomeserver(io, store, options), serverName };
}

function makeKey(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  writeDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
}

/** The id of a key is made of it, so that no other one of this server has it. Server-server API, publishing keys */
function signerOf(entity: string, key: KeyObject): HomeserverOptions["signer"] {
  const octets = createPublicKey(key).export({ type: "spki", format: "der" });
  const name = createHash("sha256").update(octets).digest("hex").slice(0, 8);
  return { entity, keyId: `ed25519:${name}`, sign: bytes => sign(null, bytes, key) };
}
