import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatStsPolicy, parseStsPolicy, type StsMemory } from "@scop/tls-policy";
import type { StsMemories } from "@scop/tls-policy/run";
import { latin1, latin1Bytes, RecentMap } from "@scop/wire";

/** Policies that are kept; one more is remembered by this process alone. */
const FILES_MAX = 10_000;
/** Memories that need no look at a file. */
const MEMORIES_MAX = 1_000;

/** A policy as its file has it. */
interface Kept {
  readonly domain: string;
  readonly id: string;
  readonly fetchedAt: number;
  readonly policy: string;
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { domain, id, fetchedAt, policy } = value as Partial<Record<keyof Kept, unknown>>;
  return [domain, id, policy].every(each => typeof each === "string") && typeof fetchedAt === "number";
}

/** The memory in a file, and its domain; undefined where there is none, or none that can be read. */
function read(path: string): { readonly domain: string; readonly memory: StsMemory } | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isKept(kept)) return undefined;
    const policy = parseStsPolicy(latin1Bytes(kept.policy));
    if (!policy.ok) return undefined;
    const { domain, id, fetchedAt } = kept;
    return { domain, memory: { policy: { value: policy.value, id, fetchedAt }, failedAt: undefined } };
  } catch {
    return undefined;
  }
}

function isOver({ policy }: StsMemory, now: number): boolean {
  return policy === undefined || policy.fetchedAt + 1_000 * policy.value.maxAgeS <= now;
}

/**
 * MTA-STS policies of other domains in a folder, one file each, so that they outlast a start. Those whose age is over are removed here. What
 * can't be read or written costs the policy its place on disk, and never the mail.
 */
export function openStsMemories(folder: string, now: number): StsMemories {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Names as long as domains can be are too long for files.
  const pathOf = (domain: string): string => join(folder, createHash("sha256").update(domain).digest("hex"));
  const files = new Set<string>();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const kept = read(path);
    if (kept === undefined || pathOf(kept.domain) !== path || isOver(kept.memory, now)) rmSync(path, { force: true });
    else files.add(path);
  }
  const recent = new RecentMap<StsMemory>(MEMORIES_MAX);
  return {
    get: domain => {
      const path = pathOf(domain);
      const known = recent.get(domain) ?? (files.has(path) ? read(path)?.memory : undefined);
      if (known !== undefined) recent.set(domain, known);
      return known;
    },
    set: (domain, memory) => {
      const before = recent.get(domain);
      recent.set(domain, memory);
      const path = pathOf(domain);
      const { policy } = memory;
      if (policy === undefined || policy === before?.policy || (files.size >= FILES_MAX && !files.has(path))) return;
      const kept: Kept = {
        domain,
        id: policy.id,
        fetchedAt: policy.fetchedAt,
        policy: latin1(formatStsPolicy(policy.value)),
      };
      try {
        writeFileSync(`${path}.new`, JSON.stringify(kept), { mode: 0o600 });
        renameSync(`${path}.new`, path);
        files.add(path);
      } catch {
        files.delete(path);
      }
    },
  };
}
