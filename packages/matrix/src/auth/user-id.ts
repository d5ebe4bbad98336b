import { isShort } from "../id/common.ts";

/** The server of an identifier: what follows its first colon; empty where there is none. */
export function serverOf(id: string): string {
  const colon = id.indexOf(":");
  return colon < 0 ? "" : id.slice(colon + 1);
}

/**
 * Whether the text counts as a user id in power levels: any local part, any server, at most 255 octets. Deviation: its server need not be a
 * name that the grammar has, since most servers do not look and two that differ here have two rooms.
 */
export function isUserId(text: string): boolean {
  if (!text.startsWith("@") || serverOf(text) === "") return false;
  return isShort(text);
}
