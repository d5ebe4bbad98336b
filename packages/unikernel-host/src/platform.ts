import { installBodyWork } from "@scop/dkim";
import { type Log, type Platform, silent } from "@scop/platform";
import { installByteWork } from "@scop/wire";
import { nativeByteWork } from "./byte-work.ts";
import { type Accept, ConnectionTable } from "./connection-table.ts";
import { nativeCrypto } from "./crypto.ts";
import { DatagramTable } from "./datagram-table.ts";
import type { Native } from "./native.ts";
import { TimerList } from "./timers.ts";

/** What a role in a unikernel may be given. There are no documents and no files; names are asked for with `datagrams`. */
export type UnikernelPlatform = Omit<Platform, "dns" | "https" | "gzip"> & {
  /**
   * Takes who connects to the port. So many are held at once; of those beyond, one gives way to a newcomer (see `givesWay`), or the newcomer is told
   * so. One port.
   */
  listen(port: number, connectionsMax: number, accept: Accept): void;
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
    const isAwaited = connections.look();
    datagrams.look();
    const dueMs = timers.run();
    return isAwaited ? 0 : dueMs;
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
