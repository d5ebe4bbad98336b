import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createHomeserver,
  createPeers,
  type Homeserver,
  type HomeserverOptions,
  MEDIA_LIMITS,
  NO_RATES,
  RATES,
} from "@scop/homeserver";
import { writeDurably } from "@scop/node-host/durable-file";
import { nodePeerTransport } from "@scop/node-host/peers";
import type { Platform } from "@scop/platform";
import type { AuthenticatorFactory } from "@scop/sasl";
import type { Store } from "@scop/store";
import { Fault } from "../fault.ts";
import type { FederationSettings } from "../settings.ts";

/** What a homeserver on this machine is made of. */
interface MatrixParts {
  readonly io: Platform;
  readonly store: Store;
  readonly data: string;
  /** The first of them names a server that has no name yet. */
  readonly domains: readonly string[];
  readonly authenticators: AuthenticatorFactory;
  readonly baseUrl: () => string;
  /** Undefined: there are no other servers. */
  readonly federation: FederationSettings | undefined;
  readonly federationAt: () => string | undefined;
  readonly demo: boolean;
}

/** A homeserver, and the name in its user ids. */
export interface Matrix {
  readonly server: Homeserver;
  /** Ends it, with the connections to other servers. */
  close(): void;
  readonly serverName: string;
}

const KEY_FILE = ".pem";
/** At the end of a SubjectPublicKeyInfo. RFC 8410 4 */
const KEY_OCTETS = 32;

/**
 * The homeserver of a data folder. Its key is made at the first start and named by the domain that was the first one then: events that are
 * signed with it are for good, so that neither may change when further domains are added.
 */
export function openMatrix(parts: MatrixParts): Matrix {
  const { io, store, data, domains, authenticators, baseUrl, federation, federationAt } = parts;
  const folder = join(data, "matrix");
  const serverName = knownName(folder) ?? domains[0]!;
  const file = join(folder, `${serverName}${KEY_FILE}`);
  if (!existsSync(file)) makeKey(folder, file);
  const key = keyIn(file, serverName);
  const transport =
    federation && nodePeerTransport(io, { addresses: federation.allowAddresses, trust: federation.trust });
  const server = createHomeserver(io, store, {
    serverName,
    baseUrl,
    ...key,
    // Who tries it out is alone with it, on this machine.
    rates: parts.demo ? NO_RATES : RATES,
    presence: "off",
    media: MEDIA_LIMITS,
    peers: transport && createPeers(io, { store, transport, notaries: federation.notaries, ...key }),
    federationAt,
    authenticator: peer => authenticators.on({ key: peer, binding: () => undefined }),
  });
  const close = (): void => {
    server.close();
    transport?.close();
  };
  return { server, serverName, close };
}

/** The part of user ids behind the colon: what it is, or will be at the first start. */
export async function serverNameOf(data: string, store: Store): Promise<string> {
  const name = knownName(join(data, "matrix")) ?? (await store.domains())[0]?.domain;
  if (name === undefined) throw new Fault(`${data} serves no domain yet; add one: npx scop domain add example.org`);
  return name;
}

function knownName(folder: string): string | undefined {
  const [known] = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith(KEY_FILE)) : [];
  return known?.slice(0, -KEY_FILE.length);
}

function makeKey(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  writeDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
}

/** The id of a key is made of it, so that no other one of this server has it. Server-server API, publishing keys */
function keyIn(file: string, entity: string): Pick<HomeserverOptions, "signer" | "publicKey"> {
  const key = createPrivateKey(readFileSync(file));
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const name = createHash("sha256").update(spki).digest("hex").slice(0, 8);
  const signer = { entity, keyId: `ed25519:${name}`, sign: (bytes: Uint8Array) => sign(null, bytes, key) };
  return { signer, publicKey: spki.subarray(-KEY_OCTETS) };
}
