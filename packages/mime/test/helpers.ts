import { type Message, type Part, parseMessage } from "@scop/mime";
import type { Diagnostic } from "@scop/wire";
import { latin1, latin1Bytes } from "@scop/wire";

/** A message from text of one character per octet; `\n` stands for CRLF. */
export function message(text: string): Message {
  return parseMessage(latin1Bytes(text.replaceAll("\n", "\r\n")));
}

export function body(of: Message, part: Part): string {
  return latin1(of.bytes, part.bodyOffset, part.end).replaceAll("\r\n", "\n");
}

/** The tree as `multipart/mixed(text/plain text/html)`. Not for deep ones. */
export function outline(part: Part): string {
  const children = part.children.map(outline).join(" ");
  return children === "" ? part.mediaType : `${part.mediaType}(${children})`;
}

export function codes(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(found => found.code);
}
