/** What two messages of one thread have in common, and whether the rest of the subject says that it is an answer. */
export interface BaseSubject {
  readonly text: string;
  /** A reply, or forwarded. */
  readonly kind: "first" | "follow-up";
}

const COLON = ":";

/**
 * The base subject of a decoded subject, with the case that it has. RFC 5256 2.1. One pass: the ends only ever move towards each other,
 * and a run of `[blob]` is looked at once.
 */
export function baseSubject(subject: string): BaseSubject {
  // Step 1
  const text = subject.replace(/[\t\r\n ]+/g, " ");
  const lower = text.toLowerCase();
  // A few letters of other scripts have lower cases of another length.
  const word = lower.length === text.length ? lower : text;
  let start = 0;
  let end = text.length;
  let kind: BaseSubject["kind"] = "first";
  for (;;) {
    // Step 2: subj-trailer = "(fwd)" / WSP
    for (;;) {
      while (end > start && text[end - 1] === " ") end -= 1;
      if (end - 5 < start || !word.startsWith("(fwd)", end - 5)) break;
      end -= 5;
      kind = "follow-up";
    }
    // Steps 3 to 5
    for (let after = afterLeader(word, start, end); after > start; after = afterLeader(word, start, end)) {
      if (text[after - 1] === COLON) kind = "follow-up";
      start = after;
    }
    const blob = afterBlobs(word, start, end);
    if (blob > start) {
      start = blob;
      continue;
    }
    // Step 6: subj-fwd = subj-fwd-hdr subject subj-fwd-trl
    if (!word.startsWith("[fwd:", start) || end - start < 6 || text[end - 1] !== "]") break;
    start += 5;
    end -= 1;
    kind = "follow-up";
  }
  return { text: text.slice(start, end), kind };
}

/** Behind a leader: blanks, or `*subj-blob ("re" / "fw" ["d"]) *WSP [subj-blob] ":"`. Where it starts, if there is none. */
function afterLeader(word: string, from: number, end: number): number {
  const start = skipBlanks(word, from, end);
  let at = start;
  for (let next = afterBlob(word, at, end); next > at; next = afterBlob(word, at, end)) at = next;
  if (word.startsWith("re", at)) at += 2;
  else if (word.startsWith("fwd", at)) at += 3;
  else if (word.startsWith("fw", at)) at += 2;
  else return start;
  at = skipBlanks(word, at, end);
  at = afterBlob(word, at, end);
  return at < end && word[at] === COLON ? at + 1 : start;
}

/** Behind all leading blobs that something is left behind (step 4). */
function afterBlobs(word: string, from: number, end: number): number {
  let at = from;
  for (let next = afterBlob(word, at, end); next > at && next < end; next = afterBlob(word, at, end)) at = next;
  return at;
}

/** RFC 5256 5: subj-blob = "[" *BLOBCHAR "]" *WSP. Where it starts, if there is none. */
function afterBlob(word: string, from: number, end: number): number {
  if (from >= end || word[from] !== "[") return from;
  for (let at = from + 1; at < end; at += 1) {
    if (word[at] === "[") return from;
    if (word[at] === "]") return skipBlanks(word, at + 1, end);
  }
  return from;
}

function skipBlanks(word: string, from: number, end: number): number {
  let at = from;
  while (at < end && word[at] === " ") at += 1;
  return at;
}
