import { parseDomain } from "@scop/address";
import { addressNumber } from "./address-number.ts";
import type { Native } from "./native.ts";

/** A mistake in what the machine was told: one line that says which, and what is allowed. */
export class BootError extends Error {
  override readonly name = "BootError";
}

/** How an option is read, and what is allowed. */
interface Option<Value> {
  /** Undefined where the text is not allowed. */
  readonly read: (text: string) => Value | undefined;
  readonly allowed: string;
}

/** What an option's text comes to. */
type ValueOf<Known> = Known extends Option<infer Value> ? Value : never;

/** Written by the hypervisor about its devices; `probe` is of the base's own tests. */
const FOREIGN: ReadonlySet<string> = new Set(["virtio_mmio.device", "probe"]);

/** A whole number in decimal; undefined where it is none or outside. */
function whole(text: string, least: number, most: number): number | undefined {
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** An option that is a whole number within bounds. */
export function wholeOption(least: number, most: number): Option<number> {
  return { read: text => whole(text, least, most), allowed: `${least} to ${most}` };
}

/** An option that is a domain name; the example stands in its message. */
export function domainOption(example: string): Option<string> {
  const read = (text: string): string | undefined => {
    const domain = parseDomain(text);
    return domain.ok ? domain.value : undefined;
  };
  return { read, allowed: `a domain name, as in ${example}` };
}

/** What every role is told about its network. */
export const NETWORK: {
  readonly ip: Option<{ readonly address: number; readonly prefix: number }>;
  readonly gateway: Option<number>;
} = {
  ip: {
    read: text => {
      const [address = "", prefix = ""] = text.split("/");
      const number = addressNumber(address);
      const length = whole(prefix, 1, 32);
      return number === undefined || length === undefined ? undefined : { address: number, prefix: length };
    },
    allowed: "ADDRESS/PREFIX of IPv4, as in 10.0.2.15/24",
  },
  gateway: { read: addressNumber, allowed: "an IPv4 address, as in 10.0.2.2" },
};

/** The words of a command line, each read by what is known of it. */
export class Options<Known extends Readonly<Record<string, Option<unknown>>>> {
  readonly #known: Known;
  readonly #given = new Map<string, string>();

  /** Reads `name=value` words. Throws `BootError` for a name that is unknown or given twice. */
  constructor(known: Known, commandLine: string) {
    this.#known = known;
    for (const word of commandLine.split(/\s+/)) {
      const at = word.indexOf("=");
      const name = at < 0 ? word : word.slice(0, at);
      if (word === "" || FOREIGN.has(name)) continue;
      if (!Object.hasOwn(known, name))
        throw new BootError(`option ${name}: unknown, allowed are ${Object.keys(known).join(", ")}`);
      if (this.#given.has(name)) throw new BootError(`option ${name}: given twice, allowed is once`);
      this.#given.set(name, at < 0 ? "" : word.slice(at + 1));
    }
  }

  /** Undefined where it was not given. Throws `BootError` where it is wrong. */
  optional<Name extends keyof Known & string>(name: Name): ValueOf<Known[Name]> | undefined {
    const text = this.#given.get(name);
    const option = this.#known[name];
    if (text === undefined || option === undefined) return undefined;
    const value = option.read(text);
    if (value === undefined)
      throw new BootError(`option ${name}: ${JSON.stringify(text)}, allowed is ${option.allowed}`);
    return value as ValueOf<Known[Name]>;
  }

  /** Throws `BootError` where it was not given, or is wrong. */
  required<Name extends keyof Known & string>(name: Name): ValueOf<Known[Name]> {
    const value = this.optional(name);
    if (value === undefined) throw new BootError(`option ${name}: missing, allowed is ${this.#known[name]?.allowed}`);
    return value;
  }
}

/** The names of the parts of a boot file. Throws `BootError` for one that is not known, and one that is there twice. */
export function readParts(names: string, known: readonly string[]): ReadonlySet<string> {
  const all = names.split(" ").filter(name => name !== "");
  for (const name of all) {
    if (!known.includes(name)) throw new BootError(`part ${name}: unknown, allowed are ${known.join(", ")}`);
  }
  const parts = new Set(all);
  if (parts.size < all.length) throw new BootError("boot file: a part is given twice, allowed is once");
  return parts;
}

/** What `read` answers; a mistake in what the machine was told stops it with one line. */
export function stopOnBootError<Boot>(native: Pick<Native, "stop">, read: () => Boot): Boot {
  try {
    return read();
  } catch (error) {
    return native.stop(error instanceof Error ? error.message : String(error));
  }
}
