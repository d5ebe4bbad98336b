import type { IpAddress } from "@scop/wire";
import { LABEL_CHARACTERS_MAX, NAME_CHARACTERS_MAX } from "./limits.ts";

/** Whether a text is a name of several labels, as a domain that is checked has to be. RFC 7208 4.3 */
export function isDomainName(name: string): boolean {
  if (name.length > NAME_CHARACTERS_MAX || name.startsWith("[")) return false;
  const labels = name.split(".");
  return labels.length > 1 && labels.every(label => label.length > 0 && label.length <= LABEL_CHARACTERS_MAX);
}

/** A name without its final dot, and without labels at its left where it is too long. RFC 7208 7.3 */
export function fittedName(name: string): string {
  let fitted = name.endsWith(".") ? name.slice(0, -1) : name;
  if (fitted.length <= NAME_CHARACTERS_MAX) return fitted;
  const dot = fitted.indexOf(".", fitted.length - NAME_CHARACTERS_MAX - 1);
  fitted = dot < 0 ? "" : fitted.slice(dot + 1);
  return fitted;
}

/** Whether a name is another or under it. */
export function isAtOrUnder(name: string, domain: string): boolean {
  const lower = name.toLowerCase();
  const top = domain.toLowerCase();
  return lower === top || lower.endsWith(`.${top}`);
}

/** What `%{i}` is: the address in dots, of IPv6 each half octet. RFC 7208 7.3 */
export function dottedAddress({ family, octets, text }: IpAddress): string {
  if (family === 4) return text;
  return [...octets]
    .flatMap(octet => [octet >> 4, octet & 15])
    .map(half => half.toString(16).toUpperCase())
    .join(".");
}
