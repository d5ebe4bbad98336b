export { type IpAddress, parseIp } from "@scop/wire";
export { type AddressListLimits, addressListLimits, parseAddressList } from "./address-list.ts";
export { type Domain, domainToUnicode, parseDomain } from "./domain.ts";
export { type AddressLiteral, isAddressLiteral, literalAddress, parseAddressLiteral } from "./literal.ts";
export { type LocalPart, parseLocalPart, splitTag, type TaggedLocalPart } from "./local-part.ts";
export { addressKey, formatMailbox, isAsciiMailbox, type Mailbox, parseMailbox } from "./mailbox.ts";
export { parseMailto } from "./mailto.ts";
export {
  type ForwardPath,
  formatPath,
  type PathRead,
  parseForwardPath,
  parseReversePath,
  type ReversePath,
} from "./path.ts";
export {
  type AddressList,
  type ReceivedAddress,
  type ReceivedGroup,
  type ReceivedMailbox,
  strictMailbox,
} from "./received.ts";
export { addressWarnings } from "./warnings.ts";
