import { BootError, domainOption, NETWORK, Options, readParts, wholeOption } from "../options.ts";

/** What a `signer` is told at boot. */
interface SignerBoot {
  readonly address: number;
  readonly prefix: number;
  readonly gateway: number;
  readonly port: number;
  /** Lower case, in A-labels. */
  readonly domain: string;
  readonly selector: string;
  /** Signatures in a minute, before it refuses and says so. */
  readonly ratePerMinute: number;
  readonly connections: number;
}

const PORT = 7465;
const RATE_PER_MINUTE = 600;
const CONNECTIONS = 20;

const OPTIONS = {
  ...NETWORK,
  port: wholeOption(1, 65_535),
  domain: domainOption("example.org"),
  selector: domainOption("2026a"),
  "rate-per-minute": wholeOption(1, 1_000_000),
  connections: wholeOption(1, 100),
};

/** Reads a command line and the names of the parts of the boot file, as `readMxBoot` does. Throws `BootError`. */
export function readSignerBoot(commandLine: string, bootParts: string): SignerBoot {
  const parts = readParts(bootParts, ["key", "secret"]);
  const options = new Options(OPTIONS, commandLine);
  const boot = {
    ...options.required("ip"),
    gateway: options.required("gateway"),
    port: options.optional("port") ?? PORT,
    domain: options.required("domain").toLowerCase(),
    selector: options.required("selector"),
    ratePerMinute: options.optional("rate-per-minute") ?? RATE_PER_MINUTE,
    connections: options.optional("connections") ?? CONNECTIONS,
  };
  for (const part of ["key", "secret"]) {
    if (!parts.has(part)) throw new BootError(`part ${part}: missing, allowed is one in the boot file`);
  }
  return boot;
}
