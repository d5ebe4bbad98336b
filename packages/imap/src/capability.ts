import type { Turn } from "./session.ts";

const AFTER_LOGIN: readonly string[] = [
  "IMAP4rev1",
  "IMAP4rev2",
  "LITERAL+",
  "IDLE",
  "UIDPLUS",
  "MOVE",
  "SPECIAL-USE",
  "CREATE-SPECIAL-USE",
  "LIST-EXTENDED",
  "LIST-STATUS",
  "STATUS=SIZE",
  "CHILDREN",
  "ENABLE",
  "NAMESPACE",
  "UNSELECT",
  "ID",
  "CONDSTORE",
  "QRESYNC",
  "PREVIEW",
  "BINARY",
  "CATENATE",
  "MULTIAPPEND",
  "NOTIFY",
  "OBJECTID",
  "SAVEDATE",
  "QUOTA",
  "QUOTA=RES-STORAGE",
  "QUOTA=RES-MESSAGE",
  "ESEARCH",
  "SEARCHRES",
  "SORT",
  "ESORT",
  "THREAD=ORDEREDSUBJECT",
  "THREAD=REFERENCES",
  "WITHIN",
  "I18NLEVEL=1",
];

/** What is offered right now; only what is whole. RFC 3501 6.1.1 */
export function capabilitiesOf(turn: Turn): readonly string[] {
  if (turn.phase.at !== "not-authenticated") {
    const appendLimit = `APPENDLIMIT=${turn.settings.limits.messageOctetsMax}`;
    // RFC 4978 3: not once it is active.
    return [...AFTER_LOGIN, appendLimit, ...(turn.compression === "offered" ? ["COMPRESS=DEFLATE"] : [])];
  }
  // RFC 7888 5: LITERAL- and LITERAL+ are never announced together.
  const always = ["IMAP4rev1", "IMAP4rev2", "LITERAL-", "SASL-IR", "ID"];
  if (turn.phase.tls === "offered") return [...always, "STARTTLS", "LOGINDISABLED"];
  return [...always, ...turn.settings.mechanisms.map(mechanism => `AUTH=${mechanism}`)];
}
