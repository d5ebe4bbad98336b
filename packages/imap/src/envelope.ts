import { parseAddressList, type ReceivedMailbox } from "@scop/address";
import { fieldRaw, fieldValue, firstField, type HeaderView } from "@scop/mime";
import { utf8Bytes, Writer } from "@scop/wire";
import { writeNullable, writeString } from "./serialise.ts";

/** RFC 3501 9: envelope = "(" env-date SP env-subject SP env-from … SP env-message-id ")", made from the first field of each name. */
export function envelope(view: HeaderView): Uint8Array {
  const writer = new Writer().ascii("(");
  writeField(writer, view, "date");
  writer.ascii(" ");
  writeField(writer, view, "subject");
  const from = addresses(view, "from");
  // RFC 3501 7.4.2: an absent or empty Sender or Reply-To is From.
  const lists = [from, addresses(view, "sender") ?? from, addresses(view, "reply-to") ?? from];
  for (const list of [...lists, addresses(view, "to"), addresses(view, "cc"), addresses(view, "bcc")]) {
    writer.ascii(" ");
    if (list === undefined) writer.ascii("NIL");
    else writer.bytes(list);
  }
  writer.ascii(" ");
  writeField(writer, view, "in-reply-to");
  writer.ascii(" ");
  writeField(writer, view, "message-id");
  return writer.ascii(")").whole();
}

/** The value of a field on one line, encoded-words left to the client; NIL where there is none. */
export function writeField(writer: Writer, view: HeaderView, name: string): void {
  const field = firstField(view.header, name);
  writeNullable(writer, field === undefined ? undefined : utf8Bytes(fieldValue(view.bytes, field)));
}

/** RFC 3501 9: "(" 1*address ")"; undefined where there is no address. */
function addresses(view: HeaderView, name: string): Uint8Array | undefined {
  const field = firstField(view.header, name);
  if (field === undefined) return undefined;
  const list = parseAddressList(fieldRaw(view.bytes, field));
  if (list.addresses.length === 0) return undefined;
  const writer = new Writer().ascii("(");
  for (const address of list.addresses) {
    if (address.kind === "mailbox") {
      writeAddress(writer, address);
      continue;
    }
    // RFC 3501 7.4.2: a group begins with its name in place of the mailbox and ends with nothing at all.
    writer.ascii("(NIL NIL ");
    writeString(writer, clean(address.displayName));
    writer.ascii(" NIL)");
    for (const member of address.members) writeAddress(writer, member);
    writer.ascii("(NIL NIL NIL NIL)");
  }
  return writer.ascii(")").whole();
}

function writeAddress(writer: Writer, mailbox: ReceivedMailbox): void {
  const name = mailbox.displayName === "" ? mailbox.comment : mailbox.displayName;
  writer.ascii("(");
  writeNullable(writer, name === "" ? undefined : clean(name));
  writer.ascii(" NIL ");
  // NIL in either place would say that this is the end or the beginning of a group.
  writeString(writer, clean(mailbox.localPart));
  writer.ascii(" ");
  writeString(writer, clean(mailbox.domain));
  writer.ascii(")");
}

/** One line of text. */
function clean(text: string): Uint8Array {
  return utf8Bytes(text.replace(/[\u0000\r\n]/g, " "));
}
