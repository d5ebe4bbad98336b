import { runResolver } from "@scop/dns/run";
import type { Connection } from "@scop/platform";
import type { IpText } from "@scop/wire";
import type { Native } from "../../src/native.ts";
import { NETWORK, Options, stopOnBootError, wholeOption } from "../../src/options.ts";
import { unikernelPlatform } from "../../src/platform.ts";
import { PORT_NAMES, type PortName } from "./check.ts";
import { conform } from "./run.ts";

/** Where the machine listens for who calls. */
const PORT = 7000;

const port = wholeOption(1, 65_535);
const OPTIONS = {
  ...NETWORK,
  now: { read: (text: string): number => Number(text), allowed: "milliseconds since 1970" },
  ...(Object.fromEntries(PORT_NAMES.map(name => [name, port])) as Record<PortName, typeof port>),
};

/** The role `conformance`: runs the checks of hosts in the machine, tells of them on the console, and stops. */
function runConformance(native: Native): void {
  const io = unikernelPlatform(native);
  const options = stopOnBootError(native, () => new Options(OPTIONS, native.commandLine()));
  const { address, prefix } = options.required("ip");
  for (const wrong of [native.loadServer(), native.loadTrust()]) if (wrong !== "") native.stop(wrong);
  native.network(address, prefix, options.required("gateway"));
  const callers: Connection[] = [];
  let waiting: ((connection: Connection) => void) | undefined;
  io.listen(PORT, 4, connection => {
    if (waiting === undefined) callers.push(connection);
    else waiting(connection);
  });
  const accept = (): Promise<Connection> =>
    new Promise(resolve => {
      const first = callers.shift();
      if (first === undefined) waiting = resolve;
      else resolve(first);
    });
  const outside = "10.0.2.2" as IpText;
  const ports = Object.fromEntries(PORT_NAMES.map(name => [name, options.required(name)])) as Record<PortName, number>;
  const { dns } = runResolver(io, [
    { address: outside, port: ports.names, transport: { by: "plain" }, word: "untrusted" },
  ]);
  const there = { address: outside, nowMs: options.required("now"), ports };
  void conform({ ...io, dns }, there, accept, line => native.say(line)).then(() => native.stop("all checks were run"));
}

runConformance((globalThis as unknown as { readonly scopHost: Native }).scopHost);
