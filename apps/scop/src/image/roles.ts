import { fileURLToPath } from "node:url";
import { UsageError } from "../fault.ts";

/** The repository: images are built from its sources. */
export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** The roles that there are, and where each begins. */
const ROLES: ReadonlyMap<string, string> = new Map([["mx", "packages/unikernel-host/src/roles/mx.ts"]]);

/** The entry of a role. Throws `UsageError` for another word. */
export function roleEntry(role: string): string {
  const entry = ROLES.get(role);
  if (entry === undefined) throw new UsageError(`${role} is no role; allowed is ${[...ROLES.keys()].join(", ")}`);
  return entry;
}
