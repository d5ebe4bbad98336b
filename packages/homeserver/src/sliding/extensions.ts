import { objectAt, textAt } from "@scop/matrix/json";
import { deviceListsAfter } from "../encryption/device-lists.ts";
import { toDeviceBetween } from "../encryption/to-device.ts";
import { shownCounts } from "../encryption/upload-keys.ts";
import { receiptEvent } from "../live/receipts.ts";
import { PUSH_RULES_TYPE, pushRulesOf } from "../push-rules.ts";
import { positionOf, tokenOf } from "../stream-token.ts";
import type { Asked } from "./asked.ts";
import type { SlidingScope } from "./room.ts";

/** From where on a connection has to be told, and about which rooms. */
interface ExtensionScope extends SlidingScope {
  /** 0: from the beginning. */
  readonly since: number;
  readonly liveSince: number;
  readonly liveNow: number;
  /** The rooms of this answer, and those that the client had before. */
  readonly rooms: ReadonlySet<string>;
  /** Those of them that it has not had before. */
  readonly fresh: ReadonlySet<string>;
}

/** What was found: what is told, and how much of it is new. */
interface Extended {
  readonly shown: object;
  readonly count: number;
}

/** What is told beside the rooms. MSC4186, extensions */
export async function extensionsOf(scope: ExtensionScope, { extensions }: Asked): Promise<Extended> {
  const isWanted = (name: string): boolean => objectAt(extensions, name)?.get("enabled") === true;
  const parts: Record<string, Extended | undefined> = {
    to_device: isWanted("to_device")
      ? await toDevice(scope, textAt(objectAt(extensions, "to_device")!, "since"))
      : undefined,
    e2ee: isWanted("e2ee") ? await encryption(scope) : undefined,
    account_data: isWanted("account_data") ? await accountData(scope) : undefined,
    receipts: isWanted("receipts") ? await receipts(scope) : undefined,
    typing: isWanted("typing") ? typing(scope) : undefined,
  };
  const found = Object.entries(parts).filter((entry): entry is [string, Extended] => entry[1] !== undefined);
  return {
    shown: Object.fromEntries(found.map(([name, { shown }]) => [name, shown])),
    count: found.reduce((sum, [, { count }]) => sum + count, 0),
  };
}

async function toDevice({ context, who, now }: ExtensionScope, since: string | undefined): Promise<Extended> {
  const after = since === undefined ? 0 : positionOf(since);
  const { events, upTo } = await toDeviceBetween(context, who, after, now);
  return { shown: { next_batch: tokenOf(upTo), events }, count: events.length };
}

async function encryption({ context, who, since }: ExtensionScope): Promise<Extended> {
  const lists = since === 0 ? { changed: [], left: [] } : await deviceListsAfter(context, who.user, since);
  const counts = await context.store.encryption.keyCounts(who.account, who.device);
  const shown = {
    device_lists: lists,
    device_one_time_keys_count: shownCounts(counts),
    device_unused_fallback_key_types: counts.unusedFallback,
  };
  return { shown, count: lists.changed.length + lists.left.length };
}

async function accountData({ context, who, since, rooms, fresh }: ExtensionScope): Promise<Extended> {
  const all = await context.store.accountData(who.account, 0);
  const told = all.filter(each => each.position > since || fresh.has(each.room));
  const global: object[] = [];
  const byRoom = new Map<string, object[]>();
  for (const { room, type, json } of told) {
    const isRules = room === "" && type === PUSH_RULES_TYPE;
    const content: unknown = isRules ? { global: pushRulesOf(who.user, json) } : JSON.parse(json);
    if (room === "") global.push({ type, content });
    else if (rooms.has(room)) byRoom.set(room, [...(byRoom.get(room) ?? []), { type, content }]);
  }
  if (since === 0 && !all.some(each => each.room === "" && each.type === PUSH_RULES_TYPE))
    global.push({ type: PUSH_RULES_TYPE, content: { global: pushRulesOf(who.user, undefined) } });
  return { shown: { global, rooms: Object.fromEntries(byRoom) }, count: global.length + byRoom.size };
}

async function receipts({ context, who, since, rooms, fresh }: ExtensionScope): Promise<Extended> {
  const found = new Map<string, object>();
  for (const room of rooms) {
    const event = receiptEvent(await context.store.receipts(room, fresh.has(room) ? 0 : since), who.user);
    if (event !== undefined) found.set(room, event);
  }
  return { shown: { rooms: Object.fromEntries(found) }, count: found.size };
}

function typing({ context, liveSince, liveNow, rooms }: ExtensionScope): Extended {
  const found = new Map<string, object>();
  for (const room of rooms) {
    const users = context.heard.typing.between(room, liveSince, liveNow);
    if (users !== undefined && (users.length > 0 || liveSince > 0))
      found.set(room, { type: "m.typing", content: { user_ids: users } });
  }
  return { shown: { rooms: Object.fromEntries(found) }, count: found.size };
}
