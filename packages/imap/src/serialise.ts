import { assert, base64Encode, latin1, latin1Bytes, Octet, unreachable, utf8Bytes, type Writer } from "@scop/wire";
import { formatDateTime } from "./date-time.ts";
import { writeThreads } from "./extensions/thread.ts";
import { QUOTED_OCTETS_MAX } from "./limits.ts";
import type {
  EsearchResponse,
  FetchData,
  FetchLabel,
  Response,
  ResponseCode,
  StatusFigure,
  StatusResponse,
} from "./response.ts";
import { formatSet } from "./sequence-set.ts";
import { ImapClass, isImapClass } from "./syntax.ts";
import { encodeMailboxName, type NameForm } from "./utf7.ts";

/** The highest octet between quotes: RFC 3501 9 QUOTED-CHAR, without DEL; RFC 9051 9 has UTF-8 too. */
const QUOTED_MAX = 126;
const QUOTED_UTF8_MAX = 255;

/** Whether octets can stand between quotes. */
function isQuotable(octets: Uint8Array, highest: number): boolean {
  if (octets.length > QUOTED_OCTETS_MAX) return false;
  for (const octet of octets) {
    if (octet === Octet.nul || octet === Octet.cr || octet === Octet.lf || octet > highest) return false;
  }
  return true;
}

/** RFC 3501 9 string: quoted where that is possible, a literal otherwise. */
export function writeString(writer: Writer, octets: Uint8Array, highest: number = QUOTED_MAX): void {
  if (isQuotable(octets, highest)) writer.ascii(`"${latin1(octets).replace(/["\\]/g, "\\$&")}"`);
  else writer.ascii(`{${octets.length}}\r\n`).bytes(octets);
}

/** RFC 3501 9 astring, without the `]` that would end a section for some clients. `text` has one character for each octet. */
function writeAtomOrString(writer: Writer, text: string): void {
  let isAtom = text !== "";
  for (let index = 0; index < text.length; index += 1) isAtom &&= isImapClass(text.charCodeAt(index), ImapClass.atom);
  if (isAtom) writer.ascii(text);
  else writeString(writer, latin1Bytes(text));
}

/** RFC 3501 9 nstring. */
export function writeNullable(writer: Writer, octets: Uint8Array | undefined): void {
  if (octets === undefined) writer.ascii("NIL");
  else writeString(writer, octets);
}

/** RFC 3516 7: nstring / literal8, which alone may hold NUL. */
function writeBinary(writer: Writer, octets: Uint8Array | undefined): void {
  if (octets?.includes(Octet.nul) !== true) writeNullable(writer, octets);
  else writer.ascii(`~{${octets.length}}\r\n`).bytes(octets);
}

/** Text that stays on its line, whatever it is made of. RFC 3501 9 TEXT-CHAR */
function line(text: string): string {
  let clean = "";
  for (const character of text) clean += character >= " " && character <= "~" ? character : "?";
  return clean;
}

/** An atom of ours: anything else is a mistake of the program. */
function atom(text: string): string {
  assert(text.length > 0, "an atom has characters");
  for (let index = 0; index < text.length; index += 1) {
    assert(isImapClass(text.charCodeAt(index), ImapClass.astring), "an atom has only its characters");
  }
  return text;
}

/** Lists that were written before: a backend has one for all messages with the same flags. */
const flagLists: WeakMap<readonly string[], string> = new WeakMap();

/** Flags that other protocols stored and that are no atoms can't be shown here. */
function flagList(flags: readonly string[]): string {
  const known = flagLists.get(flags);
  if (known !== undefined) return known;
  const text = `(${flags.filter(isFlag).join(" ")})`;
  flagLists.set(flags, text);
  return text;
}

function isFlag(flag: string): boolean {
  const name = flag.startsWith("\\") ? flag.slice(1) : flag;
  for (let index = 0; index < name.length; index += 1) {
    if (!isImapClass(name.charCodeAt(index), ImapClass.atom)) return false;
  }
  return name !== "";
}

function mailbox(writer: Writer, name: string, names: NameForm): void {
  if (names === "utf-7") writeString(writer, latin1Bytes(encodeMailboxName(name)));
  else writeString(writer, utf8Bytes(name), QUOTED_UTF8_MAX);
}

function codeText(code: ResponseCode): string {
  switch (code.code) {
    case "BADCHARSET":
      return `BADCHARSET (${code.charsets.map(atom).join(" ")})`;
    case "BADEVENT":
      return `BADEVENT (${code.events.map(atom).join(" ")})`;
    case "CAPABILITY":
      return `CAPABILITY ${code.capabilities.map(atom).join(" ")}`;
    case "PERMANENTFLAGS":
      return `PERMANENTFLAGS ${flagList(code.flags).slice(0, -1)}${code.create ? " \\*" : ""})`.replace("( ", "(");
    case "MODIFIED":
      return `MODIFIED ${formatSet(code.numbers)}`;
    case "HIGHESTMODSEQ":
    case "UIDNEXT":
    case "UIDVALIDITY":
    case "UNSEEN":
      return `${code.code} ${code.number}`;
    case "APPENDUID":
      return `APPENDUID ${code.uidValidity} ${formatSet(code.uids)}`;
    case "BADURL":
      // Text of a response code ends with the bracket. RFC 3501 9
      return `BADURL "${line(code.url).replace(/["\\\]]/g, "?")}"`;
    case "MAILBOXID":
      return `MAILBOXID (${atom(code.id)})`;
    case "COPYUID":
      return `COPYUID ${code.uidValidity} ${formatSet(code.from)} ${formatSet(code.to)}`;
    default:
      return atom(code.code);
  }
}

function statusFigure(figure: StatusFigure): string {
  return figure.item === "MAILBOXID" ? `MAILBOXID (${atom(figure.id)})` : `${figure.item} ${figure.number}`;
}

function statusText(response: StatusResponse): string {
  const code = response.code === undefined ? "" : `[${codeText(response.code)}] `;
  return `${response.tag === "*" ? "*" : atom(response.tag)} ${response.status} ${code}${line(response.text)}`;
}

type FoundResponse = Extract<Response, { response: "search" | "sort" | "thread" | "esearch" | "vanished" }>;

/**
 * One response, with its line end. Names, text and strings can't break out of their place, whatever they hold. `names`: how those of
 * mailboxes are written, `utf-8` after ENABLE IMAP4rev2.
 */
export function writeResponse(writer: Writer, response: Response, names: NameForm = "utf-7"): void {
  switch (response.response) {
    case "status":
      writer.ascii(statusText(response));
      break;
    case "continue":
      writer.ascii(`+ ${line(response.text)}`);
      break;
    case "challenge":
      writer.ascii(`+ ${base64Encode(response.bytes)}`);
      break;
    case "capability":
    case "enabled":
      writer.ascii(["*", response.response.toUpperCase(), ...response.capabilities.map(atom)].join(" "));
      break;
    case "list":
    case "lsub":
    case "mailbox-status":
    case "namespace":
    case "quota":
    case "quota-root":
      writeMailboxData(writer, response, names);
      break;
    case "search":
    case "sort":
    case "thread":
    case "esearch":
    case "vanished":
      writeFound(writer, response);
      break;
    case "flags":
      writer.ascii(`* FLAGS ${flagList(response.flags)}`);
      break;
    case "exists":
    case "recent":
    case "expunge":
      writer.ascii(`* ${response.number} ${response.response.toUpperCase()}`);
      break;
    case "fetch":
      writeFetch(writer, response.sequence, response.data);
      break;
    case "id":
      writeId(writer, response.parameters);
      break;
    default:
      unreachable(response);
  }
  writer.ascii("\r\n");
}

/** What names many messages. */
function writeFound(writer: Writer, response: FoundResponse): void {
  switch (response.response) {
    case "esearch":
      writer.ascii(esearchText(response));
      break;
    case "thread":
      writeThreads(writer, response.roots, response.numberOf);
      break;
    case "search":
    case "sort":
      writer.ascii(`* ${response.response.toUpperCase()}`);
      if (response.numbers.length > 0) writer.ascii(` ${response.numbers.join(" ")}`);
      if (response.modseq !== undefined) writer.ascii(` (MODSEQ ${response.modseq})`);
      break;
    case "vanished":
      writer.ascii(`* VANISHED ${response.when === "earlier" ? "(EARLIER) " : ""}${formatSet(response.uids)}`);
      break;
    default:
      unreachable(response);
  }
}

type MailboxData = Extract<
  Response,
  { response: "list" | "lsub" | "mailbox-status" | "namespace" | "quota" | "quota-root" }
>;

/** What is told of mailboxes that are not selected. RFC 3501 7.2, RFC 2342 5, RFC 9208 4.2 */
function writeMailboxData(writer: Writer, response: MailboxData, names: NameForm): void {
  switch (response.response) {
    case "list":
    case "lsub":
      writer.ascii(`* ${response.response.toUpperCase()} ${flagList(response.attributes)} "${response.delimiter}" `);
      mailbox(writer, response.mailbox, names);
      if (response.response === "list" && response.childInfo.length > 0) {
        writer.ascii(` ("CHILDINFO" (${response.childInfo.map(option => `"${atom(option)}"`).join(" ")}))`);
      }
      if (response.response === "list" && response.oldName !== undefined) {
        writer.ascii(' ("OLDNAME" (');
        mailbox(writer, response.oldName, names);
        writer.ascii("))");
      }
      break;
    case "quota":
      writer.ascii("* QUOTA ");
      writeString(writer, utf8Bytes(response.root));
      writer.ascii(` (${response.resources.map(({ name, used, limit }) => `${name} ${used} ${limit}`).join(" ")})`);
      break;
    case "quota-root":
      writer.ascii("* QUOTAROOT ");
      mailbox(writer, response.mailbox, names);
      writer.ascii(" ");
      writeString(writer, utf8Bytes(response.root));
      break;
    case "namespace":
      // RFC 2342 5: personal, other users', shared.
      writer.ascii("* NAMESPACE ((");
      mailbox(writer, response.prefix, names);
      writer.ascii(` "${response.delimiter}")) NIL NIL`);
      break;
    case "mailbox-status":
      writer.ascii("* STATUS ");
      mailbox(writer, response.mailbox, names);
      writer.ascii(` (${response.items.map(statusFigure).join(" ")})`);
      break;
    default:
      unreachable(response);
  }
}

/** RFC 4731 3.1 */
function esearchText(response: EsearchResponse): string {
  const { tag, byUid, min, max, all, count, modseq } = response;
  let text = `* ESEARCH (TAG "${atom(tag)}")${byUid ? " UID" : ""}`;
  if (min !== undefined) text += ` MIN ${min}`;
  if (max !== undefined) text += ` MAX ${max}`;
  if (count !== undefined) text += ` COUNT ${count}`;
  if (all !== undefined && all.length > 0) text += ` ALL ${formatSet(all)}`;
  return modseq === undefined ? text : `${text} MODSEQ ${modseq}`;
}

function writeId(writer: Writer, parameters: readonly (readonly [string, string])[]): void {
  writer.ascii("* ID (");
  for (const [index, pair] of parameters.entries()) {
    if (index > 0) writer.ascii(" ");
    writeString(writer, latin1Bytes(line(pair[0])));
    writer.ascii(" ");
    writeString(writer, latin1Bytes(line(pair[1])));
  }
  writer.ascii(")");
}

function writeFetch(writer: Writer, sequence: number, data: readonly FetchData[]): void {
  writer.ascii(`* ${sequence} FETCH (`);
  for (const [index, item] of data.entries()) {
    if (index > 0) writer.ascii(" ");
    writeFetchData(writer, item);
  }
  writer.ascii(")");
}

/** One item with its value, as it stands in the parentheses of a FETCH response. */
export function writeFetchData(writer: Writer, data: FetchData): void {
  switch (data.item) {
    case "FLAGS":
      writer.ascii(`FLAGS ${flagList(data.flags)}`);
      break;
    case "MODSEQ":
      writer.ascii(`MODSEQ (${data.number})`);
      break;
    case "UID":
    case "RFC822.SIZE":
      writer.ascii(`${data.item} ${data.number}`);
      break;
    case "INTERNALDATE":
    case "SAVEDATE":
      writer.ascii(`${data.item} "${formatDateTime(data.instant)}"`);
      break;
    case "EMAILID":
    case "THREADID":
      writer.ascii(`${data.item} (${atom(data.id)})`);
      break;
    case "BINARY.SIZE":
      writer.ascii(`BINARY.SIZE[${data.path.join(".")}] ${data.number}`);
      break;
    case "PREVIEW":
      writer.ascii("PREVIEW ");
      writeNullable(writer, data.text === undefined ? undefined : utf8Bytes(data.text));
      break;
    case "ENVELOPE":
    case "BODY":
    case "BODYSTRUCTURE":
      writer.ascii(`${data.item} `).bytes(data.data);
      break;
    case "string":
      writeFetchLabel(writer, data.label);
      if (data.label.label === "BINARY[]") writeBinary(writer, data.octets);
      else writeNullable(writer, data.octets);
      break;
    default:
      unreachable(data);
  }
}

/** The label of a section with the space behind it. RFC 3501 7.4.2 */
export function writeFetchLabel(writer: Writer, label: FetchLabel): void {
  if (label.label === "BINARY[]") {
    writer.ascii(`BINARY[${label.path.join(".")}]${label.start === undefined ? " " : `<${label.start}> `}`);
    return;
  }
  if (label.label !== "BODY[]") {
    writer.ascii(`${label.label} `);
    return;
  }
  writer.ascii(`BODY[${[...label.path, ...(label.text === "" ? [] : [label.text])].join(".")}`);
  for (const [index, field] of label.fields.entries()) {
    writer.ascii(index === 0 ? " (" : " ");
    writeAtomOrString(writer, field);
  }
  writer.ascii(label.fields.length > 0 ? ")]" : "]");
  writer.ascii(label.start === undefined ? " " : `<${label.start}> `);
}
