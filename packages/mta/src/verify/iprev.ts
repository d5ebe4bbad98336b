import type { DnsCheck } from "@scop/dns/check";
import type { IpText } from "@scop/wire";
import { PTR_NAMES_MAX } from "../limits.ts";

/** Whether the name of an address leads back to it. RFC 8601 3 */
export interface IprevVerdict {
  readonly method: "iprev";
  readonly result: "pass" | "fail" | "temperror" | "permerror";
  readonly reason: string;
  /** The first name that does. */
  readonly name: string | undefined;
}

function ended(result: IprevVerdict["result"], reason: string, name?: string): IprevVerdict {
  return { method: "iprev", result, reason, name };
}

/** Asks for the names of an address, and for the addresses of the first ten. RFC 8601 3 */
export function* checkIprev(address: IpText): DnsCheck<IprevVerdict> {
  const names = yield { type: "PTR", address };
  if (names.found === "failure") return ended("temperror", `DNS does not answer about the name of ${address} now.`);
  if (names.found !== "records") return ended("permerror", `${address} has no name.`);
  let isUnsure = false;
  for (const name of names.records.slice(0, PTR_NAMES_MAX)) {
    const addresses = yield { type: address.includes(":") ? "AAAA" : "A", name };
    if (addresses.found === "failure") isUnsure = true;
    if (addresses.found === "records" && addresses.records.includes(address))
      return ended("pass", `${address} is ${name}, which says so too.`, name);
  }
  if (isUnsure) return ended("temperror", `DNS does not answer about the names of ${address} now.`);
  return ended("fail", `${address} has names that do not lead back to it.`);
}
