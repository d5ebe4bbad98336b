import type { Random, SrvRecord } from "@scop/platform";
import { PLACES_MAX } from "./limits.ts";

/** A number from 0 up to and without `below`. */
function chance(random: Random, below: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return Math.floor(((a * 0x1_00_00_00 + b * 0x1_00_00 + c * 0x1_00 + d) / 0x1_0000_0000) * below);
}

/** Takes one of the records out of the list, each as likely as its weight says. RFC 2782, weight */
function takeByWeight(records: SrvRecord[], random: Random): SrvRecord {
  const total = records.reduce((sum, record) => sum + record.weight, 0);
  let left = chance(random, total + 1);
  // Those of weight 0 come first, so that they have a small chance beside others.
  const at = records.findIndex(record => {
    left -= record.weight;
    return left <= 0;
  });
  return records.splice(Math.max(0, at), 1)[0]!;
}

/** Records in the order in which they are tried, 16 at most: by priority, and among equals by chance. Those without a target are left out. RFC 2782 */
export function orderServices(records: readonly SrvRecord[], random: Random): readonly SrvRecord[] {
  const byPriority = Map.groupBy(
    records.filter(record => record.target !== "" && record.target !== "."),
    record => record.priority,
  );
  const ordered: SrvRecord[] = [];
  for (const priority of [...byPriority.keys()].sort((one, other) => one - other)) {
    const open = byPriority.get(priority)!.sort((one, other) => one.weight - other.weight);
    while (open.length > 0 && ordered.length < PLACES_MAX) ordered.push(takeByWeight(open, random));
  }
  return ordered;
}
