/** What stands between the levels of a mailbox name. */
export const DELIMITER = "/";

/** A name as CREATE gives it, without the delimiter at its end that says "there will be mailboxes under it". RFC 3501 6.3.3 */
export function newMailboxName(name: string): string | undefined {
  const trimmed = name.endsWith(DELIMITER) ? name.slice(0, -1) : name;
  return isMailboxName(trimmed) ? trimmed : undefined;
}

/** Whether a mailbox may have this name: levels that are not empty, no controls, no wildcards of LIST. */
function isMailboxName(name: string): boolean {
  if (name.split(DELIMITER).some(level => level === "" || level === "." || level === "..")) return false;
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index);
    if (unit < 32 || (unit >= 127 && unit < 160) || unit === 0x2028 || unit === 0x2029) return false;
  }
  return !name.includes("*") && !name.includes("%");
}

/** The names of the levels above one, the highest first: `a` and `a/b` for `a/b/c`. */
export function parentsOf(name: string): readonly string[] {
  const parents: string[] = [];
  for (let at = name.indexOf(DELIMITER); at >= 0; at = name.indexOf(DELIMITER, at + 1)) parents.push(name.slice(0, at));
  return parents;
}

/**
 * Whether a name fits a pattern of LIST, in which `*` stands for anything and `%` for anything within a level. RFC 3501 6.3.8. All ways to
 * read the pattern are followed at once, so that the time is at most the product of both lengths.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  let alive = new Uint8Array(pattern.length + 1);
  alive[0] = 1;
  passWildcards(pattern, alive);
  for (let at = 0; at < name.length; at += 1) {
    const next = new Uint8Array(pattern.length + 1);
    let any = false;
    for (let state = 0; state < pattern.length; state += 1) {
      if (alive[state] === 0) continue;
      const want = pattern[state]!;
      const stays = want === "*" || (want === "%" && name[at] !== DELIMITER);
      if (stays) next[state] = 1;
      else if (want !== "%" && want === name[at]) next[state + 1] = 1;
      else continue;
      any = true;
    }
    if (!any) return false;
    passWildcards(pattern, next);
    alive = next;
  }
  return alive[pattern.length] === 1;
}

/** A wildcard may stand for nothing. */
function passWildcards(pattern: string, alive: Uint8Array): void {
  for (let state = 0; state < pattern.length; state += 1) {
    if (alive[state] === 1 && (pattern[state] === "*" || pattern[state] === "%")) alive[state + 1] = 1;
  }
}
