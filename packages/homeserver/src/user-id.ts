/** Octets of a user id. Matrix appendices, user identifiers */
const USER_ID_OCTETS_MAX = 255;
const LOCALPART = /^[a-z0-9._=/+-]+$/;

/**
 * The user id of a mail account: `alice@scop.test` is `@alice:scop.test`. Undefined where the account is of another domain, or has a
 * local part that no user id may have.
 */
export function userIdOf(address: string, serverName: string): string | undefined {
  const at = address.lastIndexOf("@");
  const localpart = address.slice(0, at);
  const user = `@${localpart}:${serverName}`;
  if (address.slice(at + 1) !== serverName || !LOCALPART.test(localpart)) return undefined;
  return user.length <= USER_ID_OCTETS_MAX ? user : undefined;
}

/** The address of a user id, whether there is such an account or not; undefined where it is of another server. */
export function addressOf(user: string, serverName: string): string | undefined {
  const colon = user.indexOf(":");
  if (!user.startsWith("@") || colon < 0 || user.slice(colon + 1) !== serverName) return undefined;
  const localpart = user.slice(1, colon);
  return LOCALPART.test(localpart) ? `${localpart}@${serverName}` : undefined;
}

/** What somebody who logs in may write: a user id, or its local part in any case. */
export function addressOfLogin(text: string, serverName: string): string | undefined {
  // Of other alphabets some letters have a small form in ours.
  if (!/^[!-~]+$/.test(text)) return undefined;
  const lower = text.toLowerCase();
  return lower.startsWith("@") ? addressOf(lower, serverName) : addressOf(`@${lower}:${serverName}`, serverName);
}
