import { ACCOUNT_DATA_CHARACTERS_MAX } from "@scop/store";
import { canonicalText } from "./canonical-text.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { MatrixFault } from "./http.ts";

/** What the server keeps itself: its own operations change it. Client-server API, account data */
const OWN_TYPES: ReadonlySet<string> = new Set(["m.fully_read", "m.push_rules"]);
/** Pieces of account data of one account, and characters of all of them: each `/sync` from the beginning tells them all. Our own bounds. */
const PIECES_MAX = 1_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** `PUT /user/{userId}/account_data/{type}` and the same of a room */
export async function setAccountData({ store }: Context, call: OwnCall): Answered {
  const { room, type } = placeOf(call);
  if (OWN_TYPES.has(type)) throw new MatrixFault(405, "M_UNRECOGNIZED", `${type} is not set by account data.`);
  const json = canonicalText(call.body);
  if (json.length > ACCOUNT_DATA_CHARACTERS_MAX)
    throw new MatrixFault(413, "M_TOO_LARGE", "The account data is too large.");
  const { account } = call.who;
  const others = (await store.accountData(account, 0)).filter(each => each.room !== room || each.type !== type);
  const characters = others.reduce((sum, each) => sum + each.json.length, json.length);
  if (others.length >= PIECES_MAX || characters > CHARACTERS_MAX) {
    throw new MatrixFault(400, "M_TOO_LARGE", "The account keeps as much data as it may.");
  }
  await store.transaction({ changes: [{ change: "put-account-data", account, room, type, json }] });
  return {};
}

/** `GET /user/{userId}/account_data/{type}` and the same of a room */
export async function getAccountData({ store }: Context, call: OwnCall): Answered {
  const { room, type } = placeOf(call);
  const found = (await store.accountData(call.who.account, 0)).find(each => each.room === room && each.type === type);
  if (found === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such account data.");
  return JSON.parse(found.json) as object;
}

function placeOf(call: OwnCall): { readonly room: string; readonly type: string } {
  if (call.path.get("userId") !== call.who.user)
    throw new MatrixFault(403, "M_FORBIDDEN", "The account data is not yours.");
  return { room: call.path.get("roomId") ?? "", type: call.path.get("type")! };
}
