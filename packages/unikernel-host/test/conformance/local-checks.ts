import type { KeyType, PublicKey } from "@scop/platform";
import { base64, hexEncode, latin1Bytes } from "@scop/wire";
import { type Check, ensure, type HostIo, rejection, same } from "./check.ts";
import * as keys from "./keys.ts";

const HOUR_MS = 3_600_000;
const SIGNED = latin1Bytes("signed octets");

function octetsOf(text: string): Uint8Array {
  const read = base64(text);
  ensure(read.ok, "the vector is base64");
  return read.value;
}

function keyOf({ crypto }: HostIo, type: KeyType, text: string): PublicKey {
  const key = crypto.publicKey(type, octetsOf(text));
  ensure(key !== undefined, "the key is understood");
  return key;
}

/** What is due at these times, in the order in which it fired. */
function fired({ timers, clock }: HostIo, dueMs: readonly number[]): Promise<readonly number[]> {
  const order: number[] = [];
  const start = clock.monotonic();
  return new Promise((resolve, reject) => {
    for (const due of dueMs) {
      timers.set(due, () => {
        if (clock.monotonic() - start < due - 1)
          reject(new Error(`${due} ms fired after ${clock.monotonic() - start}`));
        order.push(due);
        if (order.length === dueMs.length) resolve(order);
      });
    }
  });
}

const VERIFIED: readonly (readonly [what: string, type: KeyType, key: string, signature: string])[] = [
  ["RSA in a SubjectPublicKeyInfo", "rsa", keys.RSA_INFO, keys.RSA_SIGNATURE],
  ["RSA in an RSAPublicKey", "rsa", keys.RSA_BARE, keys.RSA_SIGNATURE],
  ["RSA of 1,030 bits", "rsa", keys.RSA_ODD, keys.RSA_ODD_SIGNATURE],
  ["Ed25519", "ed25519", keys.ED25519, keys.ED25519_SIGNATURE],
];

/** Octets of keys that are none, and of an exponent with which a signature proves nothing. RFC 8017 3.1 */
const NO_KEYS: readonly (readonly [what: string, type: KeyType, octets: (io: HostIo) => Uint8Array])[] = [
  ["nothing", "rsa", () => new Uint8Array(0)],
  ["half of a key", "rsa", () => octetsOf(keys.RSA_INFO).subarray(0, 80)],
  ["an Ed25519 key as RSA", "rsa", () => octetsOf(keys.ED25519)],
  ["31 octets as Ed25519", "ed25519", () => octetsOf(keys.ED25519).subarray(1)],
  ["an RSA key as Ed25519", "ed25519", () => octetsOf(keys.RSA_BARE)],
  [
    "an exponent of 1",
    "rsa",
    () => {
      const der = octetsOf(keys.RSA_BARE).slice();
      // The exponent is the last number: 65,537 becomes 1 in an octet, and what holds it is two octets shorter.
      der.set([2, 1, 1], der.length - 5);
      der[2]! -= 2;
      return der.subarray(0, -2);
    },
  ],
];

/** What needs nobody outside. */
export const LOCAL_CHECKS: readonly Check[] = [
  {
    name: "clock: the wall clock is that of those around, and the other never goes back",
    run: ({ clock }, { nowMs }) => {
      ensure(Math.abs(clock.now() - nowMs) < HOUR_MS, `it is ${clock.now()} and not about ${nowMs}`);
      for (let last = clock.monotonic(), count = 0; count < 1000; count += 1) {
        const now = clock.monotonic();
        ensure(now >= last, `${now} after ${last}`);
        last = now;
      }
    },
  },
  {
    name: "timers: fire in the order in which they are due, and never before",
    run: async io => same(await fired(io, [30, 0, 20, 10]), [0, 10, 20, 30], "order"),
  },
  {
    name: "timers: one that was cleared, twice, does not fire",
    run: async io => {
      let count = 0;
      const timer = io.timers.set(1, () => {
        count += 1;
      });
      timer.clear();
      timer.clear();
      await fired(io, [10]);
      same(count, 0, "fired");
    },
  },
  {
    name: "random: as many octets as are asked for, each time others",
    run: ({ random }) => {
      for (const octets of [0, 1, 32, 65_536]) same(random.bytes(octets).length, octets, "octets");
      const draws = new Set(Array.from({ length: 9 }, () => hexEncode(random.bytes(32))));
      same(draws.size, 9, "different draws");
    },
  },
  {
    name: "crypto: hashes are those of FIPS 180-4 and RFC 4231",
    run: ({ crypto }) => {
      const abc = latin1Bytes("abc");
      const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
      same(hexEncode(crypto.sha256(abc)), sha256, "SHA-256");
      const sha512 =
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
      same(hexEncode(crypto.sha512(abc)), sha512, "SHA-512");
      const short = crypto.hmacSha256(latin1Bytes("Jefe"), latin1Bytes("what do ya want for nothing?"));
      same(hexEncode(short), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "RFC 4231 4.3");
      const text = latin1Bytes("Test Using Larger Than Block-Size Key - Hash Key First");
      const long = crypto.hmacSha256(new Uint8Array(131).fill(0xaa), text);
      same(hexEncode(long), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "RFC 4231 4.7");
    },
  },
  {
    name: "crypto: a hash of pieces is that of the whole, wherever it was cut",
    run: ({ crypto, random }) => {
      for (const octets of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 200]) {
        const whole = random.bytes(octets);
        const expected = hexEncode(crypto.sha256(whole));
        for (let cut = 0; cut <= octets; cut += 1) {
          const hasher = crypto.hasher();
          hasher.update(whole.subarray(0, cut));
          hasher.update(new Uint8Array(0));
          hasher.update(whole.subarray(cut));
          same(hexEncode(hasher.digest()), expected, `${octets} octets cut at ${cut}`);
        }
      }
    },
  },
  ...VERIFIED.map(
    ([what, type, text, signature]): Check => ({
      name: `crypto: a signature by ${what} is that of what was signed, and of nothing else`,
      run: io => {
        const key = keyOf(io, type, text);
        const octets = octetsOf(signature);
        same([key.type, key.verifies(SIGNED, octets)], [type, true], "the signature");
        ensure(!key.verifies(latin1Bytes("signed octet"), octets), "other octets");
        ensure(!key.verifies(SIGNED, octets.subarray(1)), "a short signature");
        ensure(!key.verifies(SIGNED, new Uint8Array(0)), "no signature");
        for (const at of [0, octets.length >> 1, octets.length - 1]) {
          const changed = octets.slice();
          changed[at]! ^= 1;
          ensure(!key.verifies(SIGNED, changed), `a signature that is changed at ${at}`);
        }
      },
    }),
  ),
  {
    name: "crypto: a signature with another padding is none, and keys tell their size",
    run: io => {
      const key = keyOf(io, "rsa", keys.RSA_INFO);
      ensure(!key.verifies(SIGNED, octetsOf(keys.RSA_OTHER_PADDING)), "RSASSA-PSS");
      const sizes = [keys.RSA_INFO, keys.RSA_ODD, keys.RSA_SMALL].map(each => keyOf(io, "rsa", each).bits);
      same(sizes, [1024, 1030, 512], "bits of RSA");
      same(keyOf(io, "ed25519", keys.ED25519).bits, 256, "bits of Ed25519");
    },
  },
  ...NO_KEYS.map(
    ([what, type, octets]): Check => ({
      name: `crypto: no key is ${what}`,
      run: io => ensure(io.crypto.publicKey(type, octets(io)) === undefined, "it was taken for a key"),
    }),
  ),
  {
    name: "net: an address that is none is refused as one that can't be reached",
    run: async ({ net }) => {
      const error = await rejection(net.connect({ address: "300.1.2.3", port: 1, timeoutMs: 1000 }), "the connection");
      same(error.name, "ConnectFailed", "the error");
    },
  },
  {
    name: "log and metrics: take what they are given",
    run: ({ log, metrics }) => {
      log.write("info", "a check of the log", { text: 'a "word"\n', number: 1.5, truth: true, nothing: undefined });
      metrics.count("checks_total", { of: "metrics" });
      metrics.gauge("checks", 1);
    },
  },
];
