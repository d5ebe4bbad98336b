import {
  addressWarnings,
  isAddressLiteral,
  type ReceivedAddress,
  type ReceivedMailbox,
  strictMailbox,
} from "@scop/address";
import { domainWarnings, idnaToUnicode, textWarnings } from "@scop/address/idna";
import {
  addressesOfField,
  type Charsets,
  dateOfField,
  displayNameOf,
  type HeaderField,
  listFieldOf,
  listIdOf,
  type Message,
  messageIdsOf,
  parameterizedValue,
  parseAuthenticationResults,
  parseReceived,
} from "@scop/mime";

type Show = (bytes: Uint8Array, field: HeaderField, charsets: Charsets) => unknown;

/** What programs read in several ways, and what may deceive people, as codes. */
function shownMailbox(bytes: Uint8Array, mailbox: ReceivedMailbox, name: string): object {
  const { localPart, domain } = mailbox;
  const found = [...addressWarnings(bytes, mailbox, name), ...textWarnings(name), ...textWarnings(localPart)];
  const strict = strictMailbox(mailbox);
  const host = strict.ok && !isAddressLiteral(strict.value.domain) ? strict.value.domain : undefined;
  if (host !== undefined) found.push(...domainWarnings(host));
  const unicode = host === undefined ? domain : idnaToUnicode(host);
  const warnings = [...new Set(found.map(({ code }) => code))];
  return {
    name,
    localPart,
    domain,
    ...(unicode.toLowerCase() !== domain.toLowerCase() && { unicode }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function shownAddress(bytes: Uint8Array, address: ReceivedAddress, charsets: Charsets): object {
  const name = displayNameOf(address, charsets);
  if (address.kind === "mailbox") return shownMailbox(bytes, address, name);
  return { group: name, members: address.members.map(each => shownAddress(bytes, each, charsets)) };
}

function shownDate(bytes: Uint8Array, field: HeaderField): unknown {
  const date = dateOfField(bytes, field);
  return date === undefined ? null : { utc: new Date(date.instant).toISOString(), offsetMinutes: date.offsetMinutes };
}

const addresses: Show = (bytes, field, charsets) =>
  addressesOfField(bytes, field).addresses.map(address => shownAddress(bytes, address, charsets));
const ids: Show = (bytes, field) => messageIdsOf({ bytes, header: [field] }, field.lowerName);
const parameters: Show = (bytes, field) => {
  const { value, parameters: list } = parameterizedValue(bytes, field);
  return { value, parameters: list };
};
const received: Show = (bytes, field) => {
  const { clauses, date } = parseReceived(bytes, field);
  return {
    clauses: Object.fromEntries(clauses),
    date: date === undefined ? null : new Date(date.instant).toISOString(),
  };
};
const results: Show = (bytes, field) => {
  const { server, version, results: list } = parseAuthenticationResults(bytes, field);
  return { server, version, results: list };
};
const list: Show = (bytes, field) => listFieldOf({ bytes, header: [field] }, field.lowerName);

const views: ReadonlyMap<string, Show> = new Map<string, Show>([
  ...["from", "sender", "reply-to", "to", "cc", "bcc"].flatMap((name): readonly (readonly [string, Show])[] => [
    [name, addresses],
    [`resent-${name}`, addresses],
  ]),
  ...["message-id", "in-reply-to", "references", "resent-message-id", "content-id"].map((name): [string, Show] => [
    name,
    ids,
  ]),
  ...["date", "resent-date"].map((name): [string, Show] => [name, shownDate]),
  ...["content-type", "content-disposition"].map((name): [string, Show] => [name, parameters]),
  ...["help", "unsubscribe", "subscribe", "post", "owner", "archive"].map((name): [string, Show] => [
    `list-${name}`,
    list,
  ]),
  ["list-id", (bytes, field, charsets) => listIdOf({ bytes, header: [field] }, charsets)],
  ["received", received],
  ["authentication-results", results],
]);

/** What a field with a syntax says, taken apart; undefined for any other. */
export function fieldView(message: Message, field: HeaderField, charsets: Charsets): unknown {
  return views.get(field.lowerName)?.(message.bytes, field, charsets);
}
