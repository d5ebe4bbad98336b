import { newUserId } from "@scop/matrix/id";
import { hexEncode, utf8Bytes } from "@scop/wire";

/** Who stands in a room for somebody who writes mail. */
interface VirtualUser {
  readonly user: string;
  readonly displayName: string;
}

/** What stays as it is in the local part of such a user id. */
const PLAIN = /^[a-z0-9._-]$/;

/**
 * The user of a correspondent: `bob@example.org` is `@mail.bob=40example.org:SERVER`. One whose address was not proved by DMARC is another user,
 * `@mail-unverified.bob=40example.org:SERVER`, so that nobody speaks with the name and history of somebody else. Undefined where the address is
 * too long for a user id. Client-server API, mapping from other character sets
 */
export function virtualUser(
  address: string,
  name: string,
  verdict: "verified" | "unverified",
  serverName: string,
): VirtualUser | undefined {
  const prefix = verdict === "verified" ? "mail." : "mail-unverified.";
  const id = newUserId(prefix + escaped(address), serverName);
  if (!id.ok) return undefined;
  const shown = name === "" || name === address ? address : `${name} <${address}>`;
  return { user: id.value.id, displayName: verdict === "verified" ? shown : `${shown} (not verified)` };
}

/** Whether a local part is one of those that stand for correspondents. */
export function isVirtual(localPart: string): boolean {
  return localPart.startsWith("mail.") || localPart.startsWith("mail-unverified.");
}

/** Each octet that a user id can't have is `=` and two hexadecimal digits; so is `=` itself. */
function escaped(address: string): string {
  return [...address]
    .map(character =>
      PLAIN.test(character)
        ? character
        : [...utf8Bytes(character)].map(octet => `=${hexEncode(Uint8Array.of(octet))}`).join(""),
    )
    .join("");
}
