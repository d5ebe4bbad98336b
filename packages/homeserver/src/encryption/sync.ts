import type { SyncScope } from "../sync-room.ts";
import { deviceListsAfter } from "./device-lists.ts";
import { toDeviceBetween } from "./to-device.ts";
import { shownCounts } from "./upload-keys.ts";

/** What a `/sync` tells of keys and of what was sent to the device. */
interface EncryptionPart {
  readonly shown: object;
  /** How much of it is new. */
  readonly count: number;
  readonly toDeviceUpTo: number;
}

/** The part of a `/sync` that encryption needs. Client-server API, extensions to `/sync` */
export async function encryptionPart(scope: SyncScope): Promise<EncryptionPart> {
  const { context, who, since, toDeviceSince, now } = scope;
  const { events, upTo } = await toDeviceBetween(context, who, toDeviceSince, now);
  // Who begins has nobody's devices yet.
  const lists = since === 0 ? { changed: [], left: [] } : await deviceListsAfter(context, who.user, since);
  const counts = await context.store.encryption.keyCounts(who.account, who.device);
  return {
    shown: {
      to_device: { events },
      device_lists: lists,
      device_one_time_keys_count: shownCounts(counts),
      device_unused_fallback_key_types: counts.unusedFallback,
    },
    count: events.length + lists.changed.length + lists.left.length,
    toDeviceUpTo: upTo,
  };
}
