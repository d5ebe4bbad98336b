import { type Connection, type Crypto, type Log, type Platform, silent } from "@scop/platform";
import { concat, installByteWork, ProgrammerError } from "@scop/wire";
import { nativeByteWork } from "./byte-work.ts";
import { ConnectionTable } from "./connection-table.ts";
import type { Native } from "./native.ts";
import { TimerList } from "./timers.ts";

/** What a role in a unikernel may be given. There are no names, no documents and no files. */
export type UnikernelPlatform = Pick<Platform, "clock" | "timers" | "random" | "crypto" | "net" | "log" | "metrics"> & {
  /** Takes who connects to the port, at most so many at once. One port. */
  listen(port: number, connectionsMax: number, accept: (connection: Connection) => void): void;
};

/** Every capability that the base has. Installs its byte loops, and is polled by it from then on. Called once. */
export function unikernelPlatform(native: Native): UnikernelPlatform {
  installByteWork(nativeByteWork(native));
  const clock = { now: () => native.now(), monotonic: () => native.monotonic() };
  const timers = new TimerList(clock.monotonic);
  const connections = new ConnectionTable(native, timers);
  native.onPoll(() => {
    connections.look();
    return timers.run();
  });
  return {
    clock,
    timers,
    random: { bytes: octets => native.random(octets) },
    crypto: nativeCrypto(native),
    net: connections,
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

/** Hashes alone: no role has signatures or passwords yet. */
function nativeCrypto(native: Native): Crypto {
  return {
    sha256: bytes => native.sha256(bytes),
    sha512: bytes => native.sha512(bytes),
    hmacSha256: (key, bytes) => native.hmacSha256(key, bytes),
    hasher: () => {
      const pieces: Uint8Array[] = [];
      return { update: bytes => void pieces.push(bytes.slice()), digest: () => native.sha256(concat(pieces)) };
    },
    publicKey: () => {
      throw new ProgrammerError("this image checks no signatures");
    },
    pbkdf2Sha256: () => Promise.reject(new ProgrammerError("this image checks no passwords")),
  };
}
