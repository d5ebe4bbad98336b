import assert from "node:assert/strict";
import { test } from "node:test";
import { UnikernelConnection } from "../src/connection.ts";
import { givesWay } from "../src/door.ts";
import type { Native } from "../src/native.ts";

/** Connections of these addresses, each with for how long its peer has left us waiting; undefined: it is being worked on. */
function connections(
  rows: readonly (readonly [address: string, waitedMs: number | undefined])[],
): readonly UnikernelConnection[] {
  return rows.map(([address, waitedMs], id) => {
    const native = {
      ends: () => `${address}:1 10.0.0.1:25`,
      monotonic: () => 100_000 - (waitedMs ?? 0),
      status: () => 0,
    } as Partial<Native> as Native;
    const connection = new UnikernelConnection(native, id);
    if (waitedMs !== undefined) void connection.read();
    return connection;
  });
}

const ROWS: readonly (readonly [
  what: string,
  held: readonly (readonly [string, number | undefined])[],
  leaves: number | undefined,
])[] = [
  [
    "of the address with the most, the one that is waited for longest",
    [
      ["10.1.0.1", 900],
      ["10.1.0.2", 10],
      ["10.1.0.2", 30],
      ["10.1.0.2", 20],
      ["10.1.0.3", 1],
    ],
    2,
  ],
  [
    "nobody, where the newcomer's address has the most",
    [
      ["10.1.0.1", 900],
      ["10.1.0.3", 10],
      ["10.1.0.3", 1],
    ],
    undefined,
  ],
  [
    "whoever is waited for long, where all hold as many",
    [
      ["10.1.0.1", 15_000],
      ["10.1.0.2", 16_000],
      ["10.1.0.3", 1],
    ],
    1,
  ],
  [
    "not who is being worked on",
    [
      ["10.1.0.2", undefined],
      ["10.1.0.2", undefined],
      ["10.1.0.3", 1],
    ],
    undefined,
  ],
];

for (const [what, held, leaves] of ROWS) {
  test(`gives way: ${what}`, () => {
    const all = connections(held);
    assert.equal(all.indexOf(givesWay(all, all.at(-1)!, 100_000)!), leaves ?? -1);
  });
}
