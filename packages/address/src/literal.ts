import {
  assert,
  type Brand,
  equalIgnoringCase,
  failed,
  type IpAddress,
  type Parsed,
  parsed,
  parseIp,
} from "@scop/wire";

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]` in its one canonical form. RFC 5321 4.1.3 */
export type AddressLiteral = Brand<string, "AddressLiteral">;

const IPV6_TAG = "IPv6:";

/**
 * An address literal with its brackets. `address-literal` where it is none, and for tags other than `IPv6:`, of which none is
 * registered. An IPv4-mapped address becomes the IPv4 literal. RFC 5321 4.1.3
 */
export function parseAddressLiteral(text: string): Parsed<AddressLiteral> {
  const refused = failed("address-literal", 0, text.length, "RFC 5321 4.1.3");
  if (!text.startsWith("[") || !text.endsWith("]")) return refused;
  const tagged = equalIgnoringCase(text.slice(1, 1 + IPV6_TAG.length), IPV6_TAG);
  const content = text.slice(tagged ? 1 + IPV6_TAG.length : 1, -1);
  const address = parseIp(content);
  if (!address.ok || content.includes(":") !== tagged) return refused;
  const { family, text: canonical } = address.value;
  return parsed((family === 4 ? `[${canonical}]` : `[${IPV6_TAG}${canonical}]`) as AddressLiteral);
}

/** Whether the right side of a mailbox is an address literal and no domain. */
export function isAddressLiteral(domain: string): domain is AddressLiteral {
  return domain.startsWith("[");
}

/** The IP address in a literal. */
export function literalAddress(literal: AddressLiteral): IpAddress {
  const address = parseIp(literal.slice(literal.startsWith(IPV6_TAG, 1) ? 1 + IPV6_TAG.length : 1, -1));
  assert(address.ok, "an AddressLiteral holds an IP address");
  return address.value;
}
