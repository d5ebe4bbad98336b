import { CharClass, failed, type Parsed, parsed } from "@scop/wire";
import { type LocalAndServer, parseCommon } from "./common.ts";
import { consistsOf } from "./server-name.ts";

const RULE = "Matrix appendices, user identifiers";
const DIGITS = "0123456789";
const SMALL_LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A user id that somebody has, of whatever age. */
export interface UserId extends LocalAndServer {
  readonly id: string;
  /**
   * `current`: as new ones are; `historical`: of visible characters of ASCII; `other`: all else, an empty local part too, which rooms have
   * had and no server should let anybody take.
   */
  readonly form: "current" | "historical" | "other";
}

/**
 * A user id that was received: rooms are full of ids that nobody could take today, so all are read. Refused are what `parseCommon` refuses.
 * Matrix appendices, historical user ids
 */
export function parseUserId(id: string): Parsed<UserId> {
  const common = parseCommon(id, "@", RULE);
  if (!common.ok) return common;
  return parsed({ ...common.value, id, form: formOf(common.value.localpart) });
}

/**
 * The user id for a new account. Refused with the place in the id: a local part of other characters than these, an empty one, more than 255
 * octets.
 *
 * user_id_localpart = 1*user_id_char
 * user_id_char      = DIGIT / %x61-7A / "-" / "." / "=" / "_" / "/" / "+"    Matrix appendices, user identifiers
 */
export function newUserId(localpart: string, server: string): Parsed<UserId> {
  const user = parseUserId(`@${localpart}:${server}`);
  if (!user.ok) return user;
  // A colon in the local part would move its end.
  const isNew = user.value.form === "current" && user.value.localpart === localpart;
  return isNew ? user : failed("id-localpart", 1, localpart.length, RULE);
}

function formOf(localpart: string): UserId["form"] {
  if (localpart === "") return "other";
  if (consistsOf(localpart, 0, `${SMALL_LETTERS}${DIGITS}-.=_/+`)) return "current";
  return consistsOf(localpart, CharClass.fieldName, "") ? "historical" : "other";
}
