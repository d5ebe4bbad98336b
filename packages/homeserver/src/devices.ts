import { textAt } from "@scop/matrix/json";
import type { Change, DeviceRecord } from "@scop/store";
import type { Answered, Context, OwnCall, Who } from "./context.ts";
import { deviceListChange, newsChanges } from "./encryption/news.ts";
import { MatrixFault } from "./http.ts";
import type { InteractiveAuth } from "./interactive-auth.ts";
import { isList } from "./schema.ts";

/** Devices of one account. Our own bound: what is sent to all of them is kept once for each. */
export const DEVICES_MAX = 200;
/** Characters of the name of a device. Our own bound. */
const NAME_CHARACTERS_MAX = 255;

/** `GET /devices` */
export async function getDevices({ store }: Context, { who }: OwnCall): Answered {
  return { devices: (await store.devices(who.account)).map(shown) };
}

/** `GET /devices/{deviceId}` */
export async function getDevice(context: Context, call: OwnCall): Answered {
  return shown(await deviceOf(context, call));
}

/** `PUT /devices/{deviceId}`: its name. */
export async function updateDevice(context: Context, call: OwnCall): Answered {
  const { device, displayName: before } = await deviceOf(context, call);
  const displayName = checkedName(textAt(call.body, "display_name"));
  if (displayName === undefined || displayName === before) return {};
  const { account, user } = call.who;
  await context.store.transaction({
    changes: [{ change: "name-device", account, device, displayName }, deviceListChange(user)],
  });
  return {};
}

/** `DELETE /devices/{deviceId}` */
export async function deleteDevice(context: Context, auth: InteractiveAuth, call: OwnCall): Answered {
  await auth.prove("deleteDevice", call);
  return remove(context, call, new Set([call.path.get("deviceId")!]));
}

/** `POST /delete_devices` */
export async function deleteDevices(context: Context, auth: InteractiveAuth, call: OwnCall): Answered {
  await auth.prove("deleteDevices", call);
  const named = call.body.get("devices");
  return remove(context, call, new Set(isList(named) ? named.filter(each => typeof each === "string") : []));
}

/** Devices that are not there any more are passed over: they are gone, as was asked for. */
async function remove(context: Context, { who }: OwnCall, named: ReadonlySet<string>): Answered {
  await context.store.transaction({ changes: await removal(context, who, named) });
  return {};
}

/** What removes devices of an account, or all of them, and tells so. */
export async function removal(
  context: Context,
  { account, user }: Pick<Who, "account" | "user">,
  named: ReadonlySet<string> | "all",
): Promise<readonly Change[]> {
  const { store } = context;
  const isNamed = (device: string): boolean => named === "all" || named.has(device);
  const known = (await store.devices(account)).filter(({ device }) => isNamed(device));
  const published = (await store.encryption.deviceKeys(account)).filter(({ device }) => isNamed(device));
  const removed =
    named === "all"
      ? [{ change: "remove-devices", account, device: undefined } as const]
      : known.map(({ device }) => ({ change: "remove-devices", account, device }) as const);
  const news = published.map(({ device }) => ({ of: "device", device, keys: undefined }) as const);
  return [...removed, ...(await newsChanges(context, user, news))];
}

/** What makes place for a further device: the one that was used last the longest time ago goes. */
export async function placeForDevice(
  context: Context,
  who: Pick<Who, "account" | "user">,
  device: string,
): Promise<readonly Change[]> {
  const known = await context.store.devices(who.account);
  if (known.length < DEVICES_MAX || known.some(each => each.device === device)) return [];
  const used = (each: DeviceRecord): number => each.seen ?? each.created;
  const [oldest] = [...known].sort((one, other) => used(one) - used(other));
  return removal(context, who, new Set([oldest!.device]));
}

/** The name of a device, if it is none that is too long. Throws `MatrixFault`. */
export function checkedName(name: string | undefined): string | undefined {
  if (name === undefined || name.length <= NAME_CHARACTERS_MAX) return name;
  throw new MatrixFault(400, "M_TOO_LARGE", `The name of a device has at most ${NAME_CHARACTERS_MAX} characters.`);
}

async function deviceOf({ store }: Context, { path, who }: OwnCall): Promise<DeviceRecord> {
  const found = (await store.devices(who.account)).find(each => each.device === path.get("deviceId"));
  if (found === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such device.");
  return found;
}

/** Fields that are undefined are left out. */
function shown({ device, displayName, seen, seenFrom }: DeviceRecord): object {
  return { device_id: device, display_name: displayName, last_seen_ip: seenFrom, last_seen_ts: seen };
}
