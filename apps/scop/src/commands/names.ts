import { addressKey, type Domain, isAddressLiteral, parseDomain, parseMailbox } from "@scop/address";
import { describe } from "@scop/wire";
import { UsageError } from "../fault.ts";

/** A domain from an argument. */
export function domainArgument(text: string): Domain {
  const parsed = parseDomain(text);
  if (!parsed.ok) throw new UsageError(`${text} is not a domain: ${describe(parsed.error)}`);
  return parsed.value;
}

/** The key of an address from an argument, with its domain. */
export function addressArgument(text: string): { readonly key: string; readonly domain: string } {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new UsageError(`${text} is not an address: ${describe(parsed.error)}`);
  const { domain } = parsed.value;
  if (isAddressLiteral(domain)) throw new UsageError(`${text}: an address here needs a domain, not an IP address`);
  return { key: addressKey(parsed.value), domain };
}
