import { ConnectFailed, type Connection, type Crypto, type Log, type Platform, silent } from "@scop/platform";
import { concat, installByteWork, ProgrammerError, parseIp } from "@scop/wire";
import { nativeByteWork } from "./byte-work.ts";
import { UnikernelConnection } from "./connection.ts";
import { type Native, Status } from "./native.ts";
import { TimerList } from "./timers.ts";

/** What a role in a unikernel may be given. There are no names, no documents and no files. */
export type UnikernelPlatform = Pick<Platform, "clock" | "timers" | "random" | "crypto" | "net" | "log" | "metrics"> & {
  /** Takes who connects to the port, at most so many at once. One port. */
  listen(port: number, connectionsMax: number, accept: (connection: Connection) => void): void;
};

/** An IPv4 address as a number; undefined where it is none. */
export function addressNumber(text: string): number | undefined {
  const ip = parseIp(text);
  if (!ip.ok || ip.value.family !== 4) return undefined;
  return ip.value.octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** Every capability that the base has. Installs its byte loops, and is polled by it from then on. Called once. */
export function unikernelPlatform(native: Native): UnikernelPlatform {
  installByteWork(nativeByteWork(native));
  const clock = { now: () => native.now(), monotonic: () => native.monotonic() };
  const timers = new TimerList(clock.monotonic);
  const open = new Set<UnikernelConnection>();
  const connecting = new Map<number, (made: boolean) => void>();
  let accept: ((connection: Connection) => void) | undefined;
  const hold = (id: number): UnikernelConnection => {
    const connection = new UnikernelConnection(native, id);
    open.add(connection);
    return connection;
  };
  native.onPoll(() => {
    for (let id = accept ? native.accept() : -1; id >= 0; id = native.accept()) accept?.(hold(id));
    for (const [id, done] of connecting) {
      const status = native.status(id);
      if ((status & Status.connecting) === 0) done((status & Status.closed) === 0);
    }
    for (const connection of open) {
      connection.look();
      if (connection.gone) open.delete(connection);
    }
    return timers.run();
  });
  const connect = (address: number, port: number, timeoutMs: number): Promise<Connection> => {
    const id = native.connect(address, port);
    if (id < 0) return Promise.reject(new ConnectFailed("no room for another connection"));
    return new Promise((resolve, reject) => {
      const done = (made: boolean): void => {
        connecting.delete(id);
        timer.clear();
        if (made) resolve(hold(id));
        else {
          native.release(id, 1);
          reject(new ConnectFailed("not reached"));
        }
      };
      const timer = timers.set(timeoutMs, () => done(false));
      connecting.set(id, done);
    });
  };
  return {
    clock,
    timers,
    random: { bytes: octets => native.random(octets) },
    crypto: nativeCrypto(native),
    net: {
      connect: ({ address, port, timeoutMs }) => {
        const number = addressNumber(address);
        if (number === undefined) return Promise.reject(new ConnectFailed(`${address} is no IPv4 address`));
        return connect(number, port, timeoutMs);
      },
    },
    log: consoleLog(native),
    metrics: silent.metrics,
    listen: (port, connectionsMax, take) => {
      accept = take;
      native.listen(port, connectionsMax);
    },
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
