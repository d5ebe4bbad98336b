import { postfixDovecotTargets } from "./postfix-dovecot.ts";
import { scopTargets } from "./scop-target.ts";
import type { MakeTarget } from "./target.ts";

/** The servers that can be put to the test. */
export type ServerName = "scop" | "postfix-dovecot";

/** The targets of a name; ours with these variables in its environment. */
export function targetsOf(server: ServerName, environment: Readonly<Record<string, string>> = {}): MakeTarget {
  return server === "scop" ? scopTargets(environment) : postfixDovecotTargets();
}
