import { isJsonObject, type JsonLimits, type JsonObject, parseJson } from "@scop/matrix/json";
import { ACCOUNT_DATA_CHARACTERS_MAX } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import { canonicalText } from "./canonical-text.ts";
import type { Answered, Context, OwnCall, Who } from "./context.ts";
import { MatrixFault } from "./http.ts";
import { PUSH_RULES_TYPE, pushRulesOf } from "./push-rules.ts";

/** What the server keeps itself: its own operations change it. Client-server API, account data */
const OWN_TYPES: ReadonlySet<string> = new Set(["m.fully_read", PUSH_RULES_TYPE]);
/** Pieces of account data of one account, and characters of all of them: each `/sync` from the beginning tells them all. Our own bounds. */
const PIECES_MAX = 1_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;

const STORED: JsonLimits = { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" };

/** One piece of account data. */
interface Piece {
  /** Empty where it concerns no room. */
  readonly room: string;
  readonly type: string;
  readonly json: string;
}

/** `PUT /user/{userId}/account_data/{type}` and the same of a room */
export async function setAccountData(context: Context, call: OwnCall): Answered {
  const { room, type } = placeOf(call);
  if (OWN_TYPES.has(type)) throw new MatrixFault(405, "M_UNRECOGNIZED", `${type} is not set by account data.`);
  return putAccountData(context, call.who, { room, type, json: canonicalText(call.body) });
}

/** Keeps a piece of account data, within what an account may have. */
export async function putAccountData({ store }: Context, { account }: Who, { room, type, json }: Piece): Answered {
  if (json.length > ACCOUNT_DATA_CHARACTERS_MAX)
    throw new MatrixFault(413, "M_TOO_LARGE", "The account data is too large.");
  const others = (await store.accountData(account, 0)).filter(each => each.room !== room || each.type !== type);
  const characters = others.reduce((sum, each) => sum + each.json.length, json.length);
  if (others.length >= PIECES_MAX || characters > CHARACTERS_MAX) {
    throw new MatrixFault(400, "M_TOO_LARGE", "The account keeps as much data as it may.");
  }
  await store.transaction({ changes: [{ change: "put-account-data", account, room, type, json }] });
  return {};
}

/** `GET /user/{userId}/account_data/{type}` and the same of a room */
export async function getAccountData(context: Context, call: OwnCall): Answered {
  const { room, type } = placeOf(call);
  const json = await pieceOf(context, call.who, room, type);
  if (room === "" && type === PUSH_RULES_TYPE) return { global: pushRulesOf(call.who.user, json) };
  if (json === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such account data.");
  return JSON.parse(json) as object;
}

/** A piece of account data; an empty object where there is none. */
export async function accountDataObject(context: Context, who: Who, room: string, type: string): Promise<JsonObject> {
  const json = await pieceOf(context, who, room, type);
  const read = json === undefined ? undefined : parseJson(utf8Bytes(json), STORED);
  return read?.ok === true && isJsonObject(read.value) ? read.value : new Map();
}

async function pieceOf({ store }: Context, { account }: Who, room: string, type: string): Promise<string | undefined> {
  return (await store.accountData(account, 0)).find(each => each.room === room && each.type === type)?.json;
}

function placeOf(call: OwnCall): { readonly room: string; readonly type: string } {
  if (call.path.get("userId") !== call.who.user)
    throw new MatrixFault(403, "M_FORBIDDEN", "The account data is not yours.");
  return { room: call.path.get("roomId") ?? "", type: call.path.get("type")! };
}
