import { readFileSync } from "node:fs";
import { hostname as systemHostname } from "node:os";
import { resolve } from "node:path";
import { parseDomain, parseMailbox } from "@scop/address";
import { parseResolver, type ResolverServer } from "@scop/dns";
import type { DestinationLimits, HoldRule, MtaConfig, ReportSettings, Transport } from "@scop/mta";
import type { LogLevel } from "@scop/platform";
import type { Quota } from "@scop/store";
import { describe, Secret, utf8Bytes } from "@scop/wire";
import {
  DEFAULT_PORTS,
  type ListenerName,
  loadConfig,
  type ResolverConfig,
  type ScopConfig,
  type TransportConfig,
} from "./config.ts";
import { UsageError } from "./fault.ts";
import { type KeySchedule, keyScheduleOf } from "./key-schedule.ts";
import { type RemoteSigners, remoteSignersOf } from "./signers.ts";

/** What `serve` was told on the command line, as text. */
export interface ServeFlags {
  readonly config?: string;
  readonly demo?: true;
  readonly data?: string;
  readonly host?: string;
  readonly hostname?: string;
  readonly transport?: readonly string[];
  readonly relay?: string;
  readonly resolver?: readonly string[];
  readonly signer?: readonly string[];
  readonly signerSecret?: string;
  readonly logLevel?: string;
  readonly smtp?: string;
  readonly submission?: string;
  readonly imap?: string;
  readonly imaps?: string;
  readonly http?: string;
  readonly https?: string;
  readonly federation?: string;
}

/** How other Matrix servers are met. */
export interface FederationSettings {
  readonly port: number;
  /** Addresses that may be connected to beside those of the open Internet. */
  readonly allowAddresses: readonly string[];
  /** Certificates (PEM) that are believed in place of the usual ones. */
  readonly trust: string | undefined;
  /** Servers that are asked for the keys of servers that don't answer, and believed. */
  readonly notaries: readonly string[];
}

/** Everything that a server needs to know before it starts. */
export interface ServerSettings {
  readonly demo: boolean;
  readonly data: string;
  readonly host: string;
  /** Undefined: made from the first domain. */
  readonly hostname: string | undefined;
  readonly ports: Readonly<Record<ListenerName, number>>;
  /** Undefined: HTTPS is not listened for. */
  readonly httpsPort: number | undefined;
  /** Undefined: other Matrix servers are neither listened for nor asked. */
  readonly federation: FederationSettings | undefined;
  readonly tls: ScopConfig["tls"];
  readonly transports: ReadonlyMap<string, Transport>;
  readonly relay: Transport | undefined;
  /** Whom to ask for names; undefined: the servers that the machine is configured with. */
  readonly resolvers: readonly ResolverServer[] | undefined;
  readonly destinations: ReadonlyMap<string, DestinationLimits>;
  readonly hold: readonly HoldRule[];
  readonly tagSeparator: string | undefined;
  readonly quota: Quota;
  readonly verify: NonNullable<ScopConfig["verify"]>;
  readonly reports: ReportSettings;
  readonly keySchedule: KeySchedule;
  /** Domains that are signed for in another machine. */
  readonly signers: RemoteSigners;
  readonly logLevel: LogLevel;
  readonly limits: NonNullable<ScopConfig["limits"]>;
}

/** RFC 7858 3.1 */
const DNS_OVER_TLS_PORT = 853;

export const DEFAULT_DATA = "data";

/** The folder that a command works on: the option over the configuration over the default. */
export async function dataFolder(flags: { readonly data?: string; readonly config?: string }): Promise<string> {
  return resolve(flags.data ?? (await loadConfig(flags.config)).data ?? DEFAULT_DATA);
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** The command line over the configuration over the defaults. */
export async function serverSettings(flags: ServeFlags): Promise<ServerSettings> {
  const config = await loadConfig(flags.config);
  const transports = new Map<string, Transport>();
  for (const [domain, value] of Object.entries(config.transports ?? {})) addTransport(transports, domain, value);
  for (const text of flags.transport ?? []) {
    const [domain, value] = splitOnce(text, "=");
    if (value === undefined)
      throw new UsageError(`--transport ${text}: write DOMAIN=HOST:PORT, as in b.test=127.0.0.1:3525`);
    addTransport(transports, domain, value);
  }
  const relay = flags.relay ?? config.relay;
  return {
    demo: flags.demo === true,
    data: resolve(flags.data ?? config.data ?? DEFAULT_DATA),
    host: flags.host ?? config.host ?? "127.0.0.1",
    hostname: flags.hostname ?? config.hostname,
    ports: ports(flags, config),
    httpsPort: flags.https === undefined ? config.ports?.https : portOf("--https", flags.https),
    federation: federationOf(flags, config),
    tls: config.tls,
    transports,
    relay: relay === undefined ? undefined : transportOf("relay", relay),
    resolvers: resolversOf(flags.resolver?.length ? flags.resolver : config.resolvers),
    destinations: new Map(
      Object.entries(config.destinations ?? {}).map(([key, value]) => [domainKey("destinations", key), value]),
    ),
    hold: config.hold ?? [],
    tagSeparator: config.tagSeparator,
    verify: config.verify ?? {},
    reports: reportsOf(config.reports, flags.demo === true),
    quota: { octets: config.quota?.octets, messages: config.quota?.messages },
    keySchedule: keyScheduleOf(config),
    signers: remoteSignersOf({ ...config.signers, ...signersOf(flags) }),
    logLevel: level(flags.logLevel ?? config.logLevel),
    limits: config.limits ?? {},
  };
}

/** The servers to ask for names that a configuration says; undefined where it says none. */
export function resolversOf(list: readonly ResolverConfig[] | undefined): readonly ResolverServer[] | undefined {
  return list?.length ? list.map(resolverOf) : undefined;
}

/** A server as it is named: trusted when it is on this machine, unless the configuration says otherwise. */
function resolverOf(value: ResolverConfig): ResolverServer {
  const { address, tls, trusted } = typeof value === "string" ? { address: value } : value;
  const read = parseResolver(address);
  if (read === undefined)
    throw new UsageError(`resolver ${address}: write an IP address, or ADDRESS:PORT as in 127.0.0.1:5353`);
  const word = trusted === undefined ? read.word : trusted ? "trusted" : "untrusted";
  if (tls === undefined) return { ...read, word };
  const port = /\]:|^[0-9.]+:/.test(address) ? read.port : DNS_OVER_TLS_PORT;
  return { ...read, port, word, transport: { by: "tls", serverName: tls } };
}

/** `DOMAIN=ADDRESS:PORT`, all with one secret. */
function signersOf({ signer = [], signerSecret }: ServeFlags): ScopConfig["signers"] {
  if (signer.length > 0 !== (signerSecret !== undefined))
    throw new UsageError("--signer and --signer-secret belong together");
  return Object.fromEntries(
    signer.map(text => {
      const [domain, address = ""] = splitOnce(text, "=");
      return [domain, { address, secretFile: signerSecret ?? "" }];
    }),
  );
}

function federationOf(flags: ServeFlags, { ports, federation }: ScopConfig): FederationSettings | undefined {
  const port = flags.federation === undefined ? ports?.federation : portOf("--federation", flags.federation);
  if (port === undefined) return undefined;
  const { allowAddresses = [], notaries = [], trust } = federation ?? {};
  return { port, allowAddresses, notaries, trust: trust === undefined ? undefined : readFileSync(trust, "utf8") };
}

function ports(flags: ServeFlags, config: ScopConfig): Record<ListenerName, number> {
  const chosen = { ...DEFAULT_PORTS, ...config.ports } as Record<ListenerName, number>;
  for (const name of Object.keys(DEFAULT_PORTS) as ListenerName[]) {
    const text = flags[name];
    if (text !== undefined) chosen[name] = portOf(`--${name}`, text);
  }
  return chosen;
}

/** What is reported to others: all there is, but nothing by a demonstration. */
function reportsOf(config: ScopConfig["reports"], demo: boolean): ReportSettings {
  const from = config?.from === undefined ? undefined : parseMailbox(config.from);
  if (from?.ok === false) throw new UsageError(`reports.from ${config?.from}: not an address: ${describe(from.error)}`);
  const isOn = (kind: "dmarc" | "tls"): boolean => config?.[kind] ?? !demo;
  return {
    about: (["dmarc", "tls"] as const).filter(isOn),
    from: from?.value,
    organization: config?.organization,
  };
}

/** A port from text: 0 takes any free one. */
function portOf(key: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new UsageError(`${key} ${text}: a port is a number from 0 to 65535`);
  return port;
}

function level(text: string | undefined): LogLevel {
  // A person who looks on sees the greeting, not a stream of events; a service manager gets all of them.
  if (text === undefined) return process.stderr.isTTY ? "warn" : "info";
  const known = LEVELS.find(candidate => candidate === text);
  if (!known) throw new UsageError(`--log-level ${text}: one of ${LEVELS.join(", ")}`);
  return known;
}

function addTransport(transports: Map<string, Transport>, domain: string, value: TransportConfig): void {
  transports.set(domainKey("transport for", domain), transportOf(`transport for ${domain}`, value));
}

/** A domain, or `.parent` for every name under it, as the tables of the mail server have them. */
function domainKey(table: string, text: string): string {
  const prefix = text.startsWith(".") ? "." : "";
  const parsed = parseDomain(text.slice(prefix.length));
  if (!parsed.ok) throw new UsageError(`${table} ${text}: not a domain: ${describe(parsed.error)}`);
  return `${prefix}${parsed.value}`;
}

function transportOf(key: string, value: TransportConfig): Transport {
  if (typeof value === "string") {
    const at = value.lastIndexOf(":");
    const host = value.slice(0, Math.max(0, at)).replace(/^\[|\]$/g, "");
    if (host === "") throw new UsageError(`${key}: ${value}: write HOST:PORT, as in 127.0.0.1:3525`);
    return { host, port: portOf(`${key}:`, value.slice(at + 1)) };
  }
  const { username, passwordFile } = value;
  if ((username === undefined) !== (passwordFile === undefined)) {
    throw new UsageError(`${key}: username and passwordFile belong together`);
  }
  return {
    host: value.host,
    port: value.port,
    ...(value.tls === undefined ? {} : { tls: value.tls }),
    ...(value.protocol === undefined ? {} : { protocol: value.protocol }),
    ...(username === undefined || passwordFile === undefined
      ? {}
      : { credentials: { username, password: new Secret(utf8Bytes(readFileSync(passwordFile, "utf8").trimEnd())) } }),
  };
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** The name that we greet with: configured, or the machine's if it is a full one, or `mail.` under the first domain. */
export function hostnameOf(settings: Pick<ServerSettings, "hostname" | "demo">, firstDomain: string): string {
  const system = systemHostname().toLowerCase();
  const text = settings.hostname ?? (!settings.demo && system.includes(".") ? system : `mail.${firstDomain}`);
  const parsed = parseDomain(text);
  if (!parsed.ok) throw new UsageError(`hostname ${text}: not a domain name: ${describe(parsed.error)}`);
  return parsed.value;
}

/** What the stages of the server are told. */
export function mtaConfigOf(settings: ServerSettings, hostname: string): MtaConfig {
  const { messageOctetsMax, recipientsMax } = settings.limits;
  return {
    hostname,
    transports: settings.transports,
    destinations: settings.destinations,
    hold: settings.hold,
    quota: settings.quota,
    verify: settings.verify,
    reports: settings.reports,
    ...(settings.relay ? { relay: settings.relay } : {}),
    ...(settings.tagSeparator === undefined ? {} : { tagSeparator: settings.tagSeparator }),
    limits: {
      ...(messageOctetsMax === undefined ? {} : { messageOctetsMax }),
      ...(recipientsMax === undefined ? {} : { recipientsMax }),
    },
  };
}
