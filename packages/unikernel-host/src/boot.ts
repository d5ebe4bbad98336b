import { parseDomain } from "@scop/address";
import { parseResolver, type ResolverServer } from "@scop/dns";
import type { ClientTls } from "@scop/smtp/run";
import type { IpText } from "@scop/wire";
import { addressNumber } from "./address-number.ts";
import { BootError, domainOption, NETWORK, Options, readParts, wholeOption } from "./options.ts";

/** What an `mx` is told at boot. */
export interface MxBoot {
  readonly address: number;
  readonly prefix: number;
  readonly gateway: number;
  readonly hostname: string;
  readonly nextHop: { readonly address: IpText; readonly port: number };
  readonly port: number;
  /** Undefined: the next hop decides. */
  readonly domains: ReadonlySet<string> | undefined;
  /** Undefined: by the memory of the machine. */
  readonly budgetOctets: number | undefined;
  readonly messageOctets: number | undefined;
  readonly connections: number;
  /** Of those, from one address. */
  readonly perSource: number;
  /** Whether STARTTLS is offered: with a certificate. */
  readonly offersTls: boolean;
  readonly nextHopTls: ClientTls;
  /** Who is asked for names; none: nothing is verified. */
  readonly resolvers: readonly ResolverServer[];
  /** What a message comes to that nobody answers for, where its domain wants it refused. */
  readonly onReject: "reject" | "accept";
  /** How often the console is told what memory is in use; undefined: never. */
  readonly figuresSeconds: number | undefined;
}

const OCTETS_MAX = 1_073_741_824;
const CONNECTIONS_MAX = 100;
const PORT_MAX = 65_535;
/** What may come in the file beside the image. */
const PARTS = ["certificate", "key", "trust"];

type TlsMode = "none" | "opportunistic" | "require";

const OPTIONS = {
  ...NETWORK,
  hostname: domainOption("mx.example.org"),
  "next-hop": {
    read: (text: string): MxBoot["nextHop"] | undefined => {
      const [address = "", digits = ""] = text.split(":");
      const port = wholeOption(1, PORT_MAX).read(digits);
      return addressNumber(address) === undefined || port === undefined
        ? undefined
        : { address: address as IpText, port };
    },
    allowed: "ADDRESS:PORT of IPv4, as in 10.0.2.2:2525",
  },
  "next-hop-tls": {
    read: (text: string): TlsMode | undefined =>
      text === "none" || text === "opportunistic" || text === "require" ? text : undefined,
    allowed: "none, opportunistic or require",
  },
  "next-hop-name": domainOption("mail.example.org"),
  port: wholeOption(1, PORT_MAX),
  domains: {
    read: (text: string): ReadonlySet<string> | undefined => {
      const domains = text.split(",").map(each => parseDomain(each));
      return domains.every(each => each.ok) ? new Set(text.toLowerCase().split(",")) : undefined;
    },
    allowed: "domain names with commas between, as in example.org,example.net",
  },
  resolver: {
    read: (text: string): readonly ResolverServer[] | undefined => {
      const servers = text.split(",").map(parseResolver);
      const isGood = (server: ResolverServer | undefined): server is ResolverServer =>
        server !== undefined && addressNumber(server.address) !== undefined;
      return servers.every(isGood) ? servers : undefined;
    },
    allowed: "IPv4 addresses with commas between, each with :PORT or without, as in 10.0.2.3",
  },
  "on-reject": {
    read: (text: string): MxBoot["onReject"] | undefined => (text === "reject" || text === "accept" ? text : undefined),
    allowed: "reject or accept",
  },
  "budget-octets": wholeOption(1, OCTETS_MAX),
  "message-octets": wholeOption(1, OCTETS_MAX),
  connections: wholeOption(1, CONNECTIONS_MAX),
  "figures-seconds": wholeOption(1, 86_400),
  "per-source": wholeOption(1, CONNECTIONS_MAX),
};

/**
 * Reads a command line of `name=value` words, and the names of the parts of the boot file with spaces between. Throws `BootError` for a word
 * that is unknown, given twice, missing or wrong.
 */
export function readMxBoot(commandLine: string, bootParts: string): MxBoot {
  const parts = readParts(bootParts, PARTS);
  if (parts.has("certificate") !== parts.has("key"))
    throw new BootError("parts certificate and key: allowed are both or none");
  const options = new Options(OPTIONS, commandLine);
  const ip = options.required("ip");
  const gateway = options.required("gateway");
  const hostname = options.required("hostname");
  const nextHop = options.required("next-hop");
  const connections = options.optional("connections") ?? 50;
  const mode = options.optional("next-hop-tls") ?? "opportunistic";
  return {
    ...ip,
    gateway,
    hostname,
    nextHop,
    nextHopTls: nextHopTls(mode, options.optional("next-hop-name") ?? nextHop.address, parts),
    offersTls: parts.has("certificate"),
    port: options.optional("port") ?? 25,
    resolvers: options.optional("resolver") ?? [],
    onReject: options.optional("on-reject") ?? "reject",
    domains: options.optional("domains"),
    budgetOctets: options.optional("budget-octets"),
    messageOctets: options.optional("message-octets"),
    connections,
    figuresSeconds: options.optional("figures-seconds"),
    perSource: options.optional("per-source") ?? connections,
  };
}

function nextHopTls(mode: TlsMode, serverName: string, parts: ReadonlySet<string>): ClientTls {
  if (mode !== "require") return mode === "none" ? { mode } : { mode, serverName };
  if (!parts.has("trust"))
    throw new BootError(
      "part trust: missing, allowed are the certificates of whom to believe, for next-hop-tls=require",
    );
  return { mode, serverName, verify: "require" };
}
