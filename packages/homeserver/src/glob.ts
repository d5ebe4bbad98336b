/**
 * Whether a text is what a pattern says: `*` stands for any characters or none, `?` for one, all others for themselves. No expression is made
 * of it: time is at most the product of both lengths. Matrix appendices, glob-style matching
 */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  let looked = 0;
  while (looked < text.length) {
    if (at < pattern.length && pattern[at] !== "*" && (pattern[at] === "?" || pattern[at] === text[looked])) {
      at += 1;
      looked += 1;
    } else if (pattern[at] === "*") {
      star = at;
      resumeAt = looked;
      at += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      resumeAt += 1;
      looked = resumeAt;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
