import { MAILBOX_LEVELS_MAX, MAILBOX_NAME_OCTETS_MAX } from "@scop/store";

/** Whether a store keeps a mailbox under this name; to ask it for any other is an error of ours, and it throws. */
export function isStorableName(name: string): boolean {
  // A code unit stands for at least one octet, so nothing long is looked at.
  if (name.length > MAILBOX_NAME_OCTETS_MAX || !name.isWellFormed()) return false;
  const levels = name.split("/", MAILBOX_LEVELS_MAX + 1);
  return levels.length <= MAILBOX_LEVELS_MAX && !levels.includes("") && octetsOf(name) <= MAILBOX_NAME_OCTETS_MAX;
}

/** In UTF-8. */
function octetsOf(name: string): number {
  let octets = 0;
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return octets;
}
