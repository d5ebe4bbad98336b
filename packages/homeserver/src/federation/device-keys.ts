import { objectAt } from "@scop/matrix/json";
import type { Answered, Context, PeerCall } from "../context.ts";
import { accountOf, claimedKeys, foundKeys, keysOf, shownKeys } from "../encryption/query-keys.ts";
import { MatrixFault } from "../http.ts";

/** Users that another server asks for in one request. Our own bound, that for clients. */
const USERS_MAX = 2_000;

/** `GET /user/devices/{userId}`: of users of ours alone; what is known of others only they themselves tell. */
export async function getUserDevices(context: Context, call: PeerCall): Answered {
  const user = call.path.get("userId")!;
  // Before the keys are read, so that what changes meanwhile comes after it.
  const stream = await context.store.streamPosition();
  const account = await accountOf(context, user);
  if (account === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such user here.");
  const { devices, crossSigning } = await keysOf(context, { account, user }, undefined);
  return {
    user_id: user,
    stream_id: stream,
    devices: [...devices].map(([device, keys]) => ({ device_id: device, keys })),
    master_key: crossSigning.get("master"),
    self_signing_key: crossSigning.get("self_signing"),
  };
}

/** `POST /user/keys/query` */
export async function queryUserKeys(context: Context, call: PeerCall): Answered {
  const asked = objectAt(call.body, "device_keys") ?? new Map();
  if (asked.size > USERS_MAX) throw new MatrixFault(400, "M_TOO_LARGE", `At most ${USERS_MAX} users at a time.`);
  const { device_keys, master_keys, self_signing_keys } = shownKeys(await foundKeys(context, asked, undefined));
  return { device_keys, master_keys, self_signing_keys };
}

/** `POST /user/keys/claim`: as for clients, each one-time key once. */
export async function claimUserKeys(context: Context, call: PeerCall): Answered {
  return { one_time_keys: await claimedKeys(context, objectAt(call.body, "one_time_keys") ?? new Map()) };
}
