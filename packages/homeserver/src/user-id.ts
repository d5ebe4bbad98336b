import { newUserId, parseUserId } from "@scop/matrix/id";

/**
 * The user id of a mail account: `alice@scop.test` is `@alice:scop.test`. Undefined where the account is of another domain, or has a
 * local part that no user id may have.
 */
export function userIdOf(address: string, serverName: string): string | undefined {
  const at = address.lastIndexOf("@");
  const user = newUserId(address.slice(0, at), serverName);
  return user.ok && address === `${user.value.localpart}@${serverName}` ? user.value.id : undefined;
}

/** The address of a user id, whether there is such an account or not; undefined where it is of another server. */
export function addressOf(user: string, serverName: string): string | undefined {
  const read = parseUserId(user);
  if (!read.ok || read.value.server !== serverName || read.value.form !== "current") return undefined;
  return `${read.value.localpart}@${serverName}`;
}

/** What somebody who logs in may write: a user id, or its local part in any case. */
export function addressOfLogin(text: string, serverName: string): string | undefined {
  // Of other alphabets some letters have a small form in ours.
  if (!/^[!-~]+$/.test(text)) return undefined;
  const lower = text.toLowerCase();
  return lower.startsWith("@") ? addressOf(lower, serverName) : addressOf(`@${lower}:${serverName}`, serverName);
}
