import { WALK_LABELS_MAX } from "./limits.ts";
import type { DmarcRecord } from "./record.ts";

/** A domain on the way up, and its record if it has a valid one. */
export interface Visited {
  readonly domain: string;
  readonly record: DmarcRecord | undefined;
}

/** The domains whose records a tree walk asks for: the domain itself, then its last seven labels and so on to the last. RFC 9989 4.10 */
export function walkOf(domain: string): readonly string[] {
  const labels = domain.split(".");
  const names = [domain];
  for (let left = Math.min(labels.length - 1, WALK_LABELS_MAX - 1); left > 0; left -= 1)
    names.push(labels.slice(-left).join("."));
  return names;
}

/** Whether the walk ends at a record. RFC 9989 4.10 */
export function endsWalk(record: DmarcRecord | undefined): boolean {
  return record !== undefined && record.publicSuffix !== "unknown";
}

/** The organisational domain of where a walk started, from what it found. RFC 9989 4.10.2 */
export function organizationalDomain(start: string, visited: readonly Visited[]): string {
  const found = visited.filter(({ record }) => record !== undefined);
  for (const { domain, record } of found) {
    if (record!.publicSuffix === "no") return domain;
    if (record!.publicSuffix === "yes" && domain !== start) return oneBelow(domain, start);
  }
  return found[found.length - 1]?.domain ?? start;
}

/** The domain with one label more than `top`, on the way to `start`. */
function oneBelow(top: string, start: string): string {
  return start
    .split(".")
    .slice(-top.split(".").length - 1)
    .join(".");
}

/** Whether a domain is another or under it; both in lower case. */
export function isAtOrUnder(domain: string, top: string): boolean {
  return domain === top || domain.endsWith(`.${top}`);
}
