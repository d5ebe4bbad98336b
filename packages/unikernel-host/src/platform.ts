import { installBodyWork } from "@scop/dkim";
import { type Connection, type Log, type Platform, silent } from "@scop/platform";
import { installByteWork } from "@scop/wire";
import { nativeByteWork } from "./byte-work.ts";
import { ConnectionTable } from "./connection-table.ts";
import { nativeCrypto } from "./crypto.ts";
import { DatagramTable } from "./datagram-table.ts";
import type { Native } from "./native.ts";
import { TimerList } from "./timers.ts";

/** What a role in a unikernel may be given. There are no documents and no files; names are asked for with `datagrams`. */
export type UnikernelPlatform = Omit<Platform, "dns" | "https" | "gzip"> & {
  /** Takes who connects to the port, at most so many at once. One port. */
  listen(port: number, connectionsMax: number, accept: (connection: Connection) => void): void;
};

/** Every capability that the base has. Installs its byte loops, and is polled by it from then on. Called once. */
export function unikernelPlatform(native: Native): UnikernelPlatform {
  installByteWork(nativeByteWork(native));
  installBodyWork({ findBlankChange: (bytes, from, end) => native.blankChange(bytes, from, end) });
  const clock = { now: () => native.now(), monotonic: () => native.monotonic() };
  const timers = new TimerList(clock.monotonic);
  const connections = new ConnectionTable(native, timers);
  const datagrams = new DatagramTable(native);
  native.onPoll(() => {
    connections.look();
    datagrams.look();
    return timers.run();
  });
  return {
    clock,
    timers,
    random: { bytes: octets => native.random(octets) },
    crypto: nativeCrypto(native),
    net: connections,
    datagrams,
    log: consoleLog(native),
    metrics: silent.metrics,
    listen: (port, connectionsMax, accept) => connections.listen(port, connectionsMax, accept),
  };
}

function consoleLog(native: Native): Log {
  return {
    write: (level, event, fields = {}) => {
      if (level === "debug") return;
      native.say(JSON.stringify({ level, time: native.now(), event, ...fields }));
    },
  };
}
