import type { Instant } from "@scop/platform";
import type { CommandFault } from "./command.ts";
import type { MailParameters, NotifyOn, RecipientParameters } from "./handler.ts";
import { ENVELOPE_ID_CHARACTERS_MAX, ORIGINAL_RECIPIENT_CHARACTERS_MAX, PARAMETERS_MAX } from "./limits.ts";
import { decodeXtext, encodeXtext } from "./xtext.ts";

type Parameters = ReadonlyMap<string, string | undefined>;

/** esmtp-param = esmtp-keyword ["=" esmtp-value]; one that is given twice is a fault. RFC 5321 4.1.2, 4.1.1.11 */
function split(text: string): Parameters | undefined {
  const found = new Map<string, string | undefined>();
  for (const parameter of text === "" ? [] : text.split(" ")) {
    if (parameter === "") continue;
    const equals = parameter.indexOf("=");
    const keyword = (equals < 0 ? parameter : parameter.slice(0, equals)).toUpperCase();
    if (found.has(keyword) || found.size >= PARAMETERS_MAX) return undefined;
    found.set(keyword, equals < 0 ? undefined : parameter.slice(equals + 1));
  }
  return found;
}

type MailDraft = { -readonly [Key in keyof MailParameters]: MailParameters[Key] };
type RecipientDraft = { -readonly [Key in keyof RecipientParameters]: RecipientParameters[Key] };
type Reader<Draft> = (draft: Draft, value: string | undefined) => CommandFault | undefined;

const BODIES: ReadonlyMap<string, MailParameters["body"]> = new Map([
  ["7BIT", "7bit"],
  ["8BITMIME", "8bitmime"],
  ["BINARYMIME", "binarymime"],
]);

const MAIL: ReadonlyMap<string, Reader<MailDraft>> = new Map<string, Reader<MailDraft>>([
  // RFC 1870 6
  [
    "SIZE",
    (draft, value) => {
      if (value === undefined || !/^[0-9]{1,20}$/.test(value)) return "size-value";
      draft.size = Number(value);
      return undefined;
    },
  ],
  // RFC 6152 3, RFC 3030 3
  [
    "BODY",
    (draft, value) => {
      const body = BODIES.get(value?.toUpperCase() ?? "");
      if (body === undefined) return "parameter-value";
      draft.body = body;
      return undefined;
    },
  ],
  // RFC 6531 3.4
  [
    "SMTPUTF8",
    (draft, value) => {
      if (value !== undefined) return "parameter-value";
      draft.utf8 = true;
      return undefined;
    },
  ],
  // RFC 8689 2
  [
    "REQUIRETLS",
    (draft, value) => {
      if (value !== undefined) return "parameter-value";
      draft.tls = "required";
      return undefined;
    },
  ],
  // RFC 4954 5: read and not believed, as for every client that is not trusted to speak for others
  ["AUTH", (_draft, value) => (value === undefined || !decodeXtext(value).ok ? "parameter-value" : undefined)],
  // RFC 3461 4.3
  [
    "RET",
    (draft, value) => {
      const wanted = value?.toUpperCase();
      if (wanted !== "FULL" && wanted !== "HDRS") return "parameter-value";
      draft.returned = wanted === "FULL" ? "message" : "header";
      return undefined;
    },
  ],
  // RFC 3461 4.4
  [
    "ENVID",
    (draft, value) => {
      const text = printable(value, ENVELOPE_ID_CHARACTERS_MAX);
      if (text === undefined) return "parameter-value";
      draft.envelopeId = text;
      return undefined;
    },
  ],
  [
    "HOLDFOR",
    (draft, value) => hold(draft, /^[0-9]{1,9}$/.test(value ?? "") ? { forMs: Number(value) * 1000 } : undefined),
  ],
  ["HOLDUNTIL", (draft, value) => hold(draft, dateTime(value ?? ""))],
]);

/** RFC 4865 4: one of both, once. */
function hold(draft: MailDraft, read: MailParameters["hold"]): CommandFault | undefined {
  if (read === undefined || draft.hold !== undefined) return "parameter-value";
  draft.hold = read;
  return undefined;
}

/** date-time of RFC 3339 5.6, to the second: a fraction is dropped. */
function dateTime(text: string): { readonly until: Instant } | undefined {
  const form =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$/i.exec(text);
  if (form === null) return undefined;
  const until = Date.parse(`${form[1]}T${form[2]}${form[3]!.toUpperCase()}`);
  return Number.isNaN(until) ? undefined : { until };
}

const NOTIFY: ReadonlyMap<string, NotifyOn> = new Map([
  ["SUCCESS", "success"],
  ["FAILURE", "failure"],
  ["DELAY", "delay"],
]);

const RECIPIENT: ReadonlyMap<string, Reader<RecipientDraft>> = new Map<string, Reader<RecipientDraft>>([
  // RFC 3461 4.1: NEVER stands alone
  [
    "NOTIFY",
    (draft, value) => {
      const names = (value ?? "").toUpperCase().split(",");
      const wanted = names.map(name => NOTIFY.get(name));
      const isNever = names.length === 1 && names[0] === "NEVER";
      if (!isNever && (wanted.includes(undefined) || new Set(wanted).size < wanted.length)) return "parameter-value";
      draft.notify = wanted.filter(each => each !== undefined);
      return undefined;
    },
  ],
  // RFC 3461 4.2: original-recipient-address = addr-type ";" xtext
  [
    "ORCPT",
    (draft, value = "") => {
      const semicolon = value.indexOf(";");
      const type = value.slice(0, Math.max(0, semicolon));
      const address = printable(value.slice(semicolon + 1), ORIGINAL_RECIPIENT_CHARACTERS_MAX);
      if (!/^[A-Za-z0-9-]{1,40}$/.test(type) || address === undefined || address === "") return "parameter-value";
      draft.originalRecipient = { type, address };
      return undefined;
    },
  ],
]);

/** xtext of printable US-ASCII, decoded; undefined where it is not that, or too long. RFC 3461 4.2, 4.4 */
function printable(value: string | undefined, charactersMax: number): string | undefined {
  if (value === undefined || value === "" || value.length > charactersMax) return undefined;
  const text = decodeXtext(value);
  return text.ok && /^[ -~]*$/.test(text.value) ? text.value : undefined;
}

function read<Draft>(text: string, readers: ReadonlyMap<string, Reader<Draft>>, draft: Draft): Draft | CommandFault {
  const parameters = split(text);
  if (parameters === undefined) return "parameter-value";
  for (const [keyword, value] of parameters) {
    const reader = readers.get(keyword);
    if (reader === undefined) return "parameter-unknown";
    const fault = reader(draft, value);
    if (fault !== undefined) return fault;
  }
  return draft;
}

/** What stands behind the path of MAIL. A keyword that is given twice or not known is a fault. RFC 5321 4.1.1.11 */
export function readMailParameters(text: string): MailParameters | CommandFault {
  return read<MailDraft>(text, MAIL, { size: undefined, body: "7bit", utf8: false });
}

/** What stands behind the path of RCPT. RFC 3461 4.1, 4.2 */
export function readRecipientParameters(text: string): RecipientParameters | CommandFault {
  return read<RecipientDraft>(text, RECIPIENT, {});
}

/** The parameters of MAIL, each behind a space; HOLD is for submission and not written. */
export function mailParametersText(parameters: MailParameters): string {
  const { size, body, utf8, tls, returned, envelopeId } = parameters;
  const words = [
    size === undefined ? "" : ` SIZE=${size}`,
    body === "7bit" ? "" : ` BODY=${body.toUpperCase()}`,
    utf8 ? " SMTPUTF8" : "",
    tls === undefined ? "" : " REQUIRETLS",
    returned === undefined ? "" : ` RET=${returned === "message" ? "FULL" : "HDRS"}`,
    envelopeId === undefined ? "" : ` ENVID=${encodeXtext(envelopeId)}`,
  ];
  return words.join("");
}

/** The parameters of RCPT, each behind a space. */
export function recipientParametersText({ notify, originalRecipient }: RecipientParameters): string {
  const wanted = notify?.length === 0 ? "NEVER" : notify?.join(",").toUpperCase();
  const original =
    originalRecipient === undefined ? "" : ` ORCPT=${originalRecipient.type};${encodeXtext(originalRecipient.address)}`;
  return `${wanted === undefined ? "" : ` NOTIFY=${wanted}`}${original}`;
}
