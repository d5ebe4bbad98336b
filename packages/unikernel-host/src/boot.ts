import { parseDomain } from "@scop/address";
import type { IpText } from "@scop/wire";
import { addressNumber } from "./address-number.ts";

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
}

/** A mistake in what the machine was told: one line that says which, and what is allowed. */
export class BootError extends Error {
  override readonly name = "BootError";
}

const OCTETS_MAX = 1_073_741_824;
const CONNECTIONS_MAX = 100;

const READERS = {
  ip: (text: string) => {
    const [address = "", prefix = ""] = text.split("/");
    const number = addressNumber(address);
    const length = whole(prefix, 1, 32);
    return number === undefined || length === undefined ? undefined : { address: number, prefix: length };
  },
  gateway: addressNumber,
  hostname: (text: string) => {
    const domain = parseDomain(text);
    return domain.ok ? domain.value : undefined;
  },
  "next-hop": (text: string) => {
    const [address = "", digits = ""] = text.split(":");
    const port = whole(digits, 1, 65_535);
    return addressNumber(address) === undefined || port === undefined
      ? undefined
      : { address: address as IpText, port };
  },
  port: (text: string) => whole(text, 1, 65_535),
  domains: (text: string) => {
    const domains = text.split(",").map(each => parseDomain(each));
    return domains.every(each => each.ok) ? new Set(text.toLowerCase().split(",")) : undefined;
  },
  "budget-octets": (text: string) => whole(text, 1, OCTETS_MAX),
  "message-octets": (text: string) => whole(text, 1, OCTETS_MAX),
  connections: (text: string) => whole(text, 1, CONNECTIONS_MAX),
};

const ALLOWED: Readonly<Record<keyof typeof READERS, string>> = {
  ip: "ADDRESS/PREFIX of IPv4, as in 10.0.2.15/24",
  gateway: "an IPv4 address, as in 10.0.2.2",
  hostname: "a domain name, as in mx.example.org",
  "next-hop": "ADDRESS:PORT of IPv4, as in 10.0.2.2:2525",
  port: "1 to 65535",
  domains: "domain names with commas between, as in example.org,example.net",
  "budget-octets": `1 to ${OCTETS_MAX}`,
  "message-octets": `1 to ${OCTETS_MAX}`,
  connections: `1 to ${CONNECTIONS_MAX}`,
};

/** Written by the hypervisor about its devices; `probe` is of the base's own tests. */
const FOREIGN: ReadonlySet<string> = new Set(["virtio_mmio.device", "probe"]);

function whole(text: string, least: number, most: number): number | undefined {
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function isOption(name: string): name is keyof typeof READERS {
  return Object.hasOwn(READERS, name);
}

/** Reads a command line of `name=value` words. Throws `BootError` for a word that is unknown, given twice, missing or wrong. */
export function readMxBoot(commandLine: string): MxBoot {
  const given = new Map<string, string>();
  for (const word of commandLine.split(/\s+/)) {
    const at = word.indexOf("=");
    const name = at < 0 ? word : word.slice(0, at);
    if (word === "" || FOREIGN.has(name)) continue;
    if (!isOption(name)) throw new BootError(`option ${name}: unknown, allowed are ${Object.keys(READERS).join(", ")}`);
    if (given.has(name)) throw new BootError(`option ${name}: given twice, allowed is once`);
    given.set(name, at < 0 ? "" : word.slice(at + 1));
  }
  const optional = <Name extends keyof typeof READERS>(
    name: Name,
  ): NonNullable<ReturnType<(typeof READERS)[Name]>> | undefined => {
    const text = given.get(name);
    if (text === undefined) return undefined;
    const value = READERS[name](text);
    if (value === undefined)
      throw new BootError(`option ${name}: ${JSON.stringify(text)}, allowed is ${ALLOWED[name]}`);
    return value as NonNullable<ReturnType<(typeof READERS)[Name]>>;
  };
  const required = <Name extends keyof typeof READERS>(name: Name): NonNullable<ReturnType<(typeof READERS)[Name]>> => {
    const value = optional(name);
    if (value === undefined) throw new BootError(`option ${name}: missing, allowed is ${ALLOWED[name]}`);
    return value;
  };
  return {
    ...required("ip"),
    gateway: required("gateway"),
    hostname: required("hostname"),
    nextHop: required("next-hop"),
    port: optional("port") ?? 25,
    domains: optional("domains"),
    budgetOctets: optional("budget-octets"),
    messageOctets: optional("message-octets"),
    connections: optional("connections") ?? 50,
  };
}
