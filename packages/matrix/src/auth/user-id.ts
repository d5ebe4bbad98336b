import { utf8Bytes } from "@scop/wire";
import { ID_OCTETS_MAX } from "../event/index.ts";

/** The server of an identifier: what follows its first colon; empty where there is none. */
export function serverOf(id: string): string {
  const colon = id.indexOf(":");
  return colon < 0 ? "" : id.slice(colon + 1);
}

/** Whether the text is a user id, of the historical form too: any local part, a server, at most 255 octets. */
export function isUserId(text: string): boolean {
  if (!text.startsWith("@") || serverOf(text) === "") return false;
  return text.length <= ID_OCTETS_MAX && utf8Bytes(text).length <= ID_OCTETS_MAX;
}
