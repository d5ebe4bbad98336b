import { bodyStructure, envelope } from "@scop/imap";
import { parseHeader, parseMessage } from "@scop/mime";
import { latin1, latin1Bytes, utf8Lossy } from "@scop/wire";
import { accepted, type Operations } from "./operation.ts";

/** What a server writes: a text, a number, NIL, or a list of these. */
type Written = string | number | null | Written[];

/** A quoted string or a literal, and where it ends. RFC 9051 9 */
function stringAt(text: string, at: number): readonly [value: string, end: number] {
  const [literal, octets] = /^\{(\d+)\}\r\n/.exec(text.slice(at, at + 20)) ?? [];
  if (literal !== undefined) {
    const from = at + literal.length;
    return [text.slice(from, from + Number(octets)), from + Number(octets)];
  }
  let value = "";
  let end = at + 1;
  for (; end < text.length && text[end] !== '"'; end += 1) {
    if (text[end] === "\\") end += 1;
    value += text[end];
  }
  return [value, end + 1];
}

/** One list as a server writes it. Lists that are open wait on a stack. */
function readWritten(octets: Uint8Array): Written {
  const text = latin1(octets);
  const open: Written[][] = [[]];
  for (let at = 0; at < text.length; ) {
    const top = open.at(-1)!;
    const next = text[at]!;
    if (next === '"' || next === "{") {
      const [value, end] = stringAt(text, at);
      top.push(utf8Lossy(latin1Bytes(value)));
      at = end;
      continue;
    }
    const word = /^(?:NIL|\d+)/.exec(text.slice(at, at + 20))?.[0];
    if (word !== undefined) top.push(word === "NIL" ? null : Number(word));
    else if (next === "(") {
      const list: Written[] = [];
      top.push(list);
      open.push(list);
    } else if (next === ")") open.pop();
    at += word?.length ?? 1;
  }
  return open[0]![0]!;
}

/** What FETCH says of a message, by `@scop/imap`. */
export const imapStructure: Operations = {
  "imap.envelope": {
    fields: ["envelope"],
    run: bytes => accepted({ envelope: readWritten(envelope({ bytes, header: parseHeader(bytes).header })) }),
  },
  "imap.bodystructure": {
    fields: ["body", "bodystructure"],
    run: bytes => {
      const message = parseMessage(bytes);
      return accepted({
        body: readWritten(bodyStructure(message, false)),
        bodystructure: readWritten(bodyStructure(message, true)),
      });
    },
  },
};
