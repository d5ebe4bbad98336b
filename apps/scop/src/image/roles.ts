import { fileURLToPath } from "node:url";
import { UsageError } from "../fault.ts";

/** The repository: images are built from its sources. */
export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where a role begins, and what the base has for it. */
interface Role {
  readonly entry: string;
  readonly features: readonly string[];
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ["mx", { entry: "packages/unikernel-host/src/roles/mx.ts", features: ["tls", "verify"] }],
  // For tests: what is promised of a host, looked at from inside.
  ["conformance", { entry: "packages/unikernel-host/test/conformance/role.ts", features: ["tls", "verify"] }],
  ["signer", { entry: "packages/unikernel-host/src/roles/signer.ts", features: ["sign"] }],
]);

/** A role by its name. Throws `UsageError` for another word. */
export function roleOf(name: string): Role {
  const role = ROLES.get(name);
  if (role === undefined) throw new UsageError(`${name} is no role; allowed is ${[...ROLES.keys()].join(", ")}`);
  return role;
}
