import { hasCanonicalNumbers, isJsonObject, type JsonValue, jsonObject, objectAt } from "@scop/matrix/json";
import { type Change, TO_DEVICE_CHARACTERS_MAX } from "@scop/store";
import { canonicalText } from "../canonical-text.ts";
import type { Answered, Context, OwnCall, Who } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { accountOf } from "./query-keys.ts";
import { Elsewhere } from "./to-device-elsewhere.ts";

/** Devices that one request sends to. Our own bound. */
const SENT_MAX = 5_000;
/** Messages to a device in one `/sync`. Our own bound: the next one goes on at once. */
const TOLD_MAX = 100;
/** Characters of a type and of a transaction id. Our own bound, that of an event. */
const TYPE_CHARACTERS_MAX = 255;

/**
 * `PUT /sendToDevice/{eventType}/{txnId}`: the same transaction id again sends nothing again. Devices that are not there are passed over, and
 * those for which too much waits.
 */
export async function sendToDevice(context: Context, { path, body, who }: OwnCall): Answered {
  const [type, transaction] = [path.get("eventType")!, path.get("txnId")!];
  if (type.length > TYPE_CHARACTERS_MAX || transaction.length > TYPE_CHARACTERS_MAX) {
    throw new MatrixFault(
      400,
      "M_INVALID_PARAM",
      `Types and transaction ids have at most ${TYPE_CHARACTERS_MAX} characters.`,
    );
  }
  const changes: Change[] = [];
  const elsewhere = new Elsewhere(context, type, who.user);
  for (const [user, devices] of objectAt(body, "messages") ?? []) {
    if (!isJsonObject(devices)) throw new MatrixFault(400, "M_BAD_JSON", "Messages are by device.");
    for (const [device, content] of devices) {
      const sent = { user, device, json: messageText(type, who.user, content) };
      if (elsewhere.isFor(user)) changes.push(...elsewhere.added(sent, content));
      else changes.push(...(await sentHere(context, who.user, sent)));
    }
    if (changes.length > SENT_MAX) throw new MatrixFault(400, "M_TOO_LARGE", `At most ${SENT_MAX} devices at a time.`);
  }
  changes.push(...elsewhere.rest());
  const idempotencyKey = `to-device ${JSON.stringify([who.account, who.device, type, transaction])}`;
  await context.store.transaction({ changes, idempotencyKey });
  return {};
}

/** What puts a message from a user of ours, or from another server, into what waits for a device here or for all of a user, if there is such a user. */
export async function sentHere(
  context: Context,
  from: string,
  { user, device, json }: { readonly user: string; readonly device: string; readonly json: string },
): Promise<readonly Change[]> {
  const account = await accountOf(context, user);
  const target = device === "*" ? undefined : device;
  return account === undefined ? [] : [{ change: "send-to-device", account, device: target, from, json }];
}

/** The text of a message to a device. Throws `MatrixFault`. */
export function messageText(type: string, sender: string, content: JsonValue): string {
  if (!isJsonObject(content) || !hasCanonicalNumbers(content)) {
    throw new MatrixFault(400, "M_BAD_JSON", "A message is an object, and its numbers are whole ones.");
  }
  const json = canonicalText(jsonObject({ type, sender, content }));
  if (json.length > TO_DEVICE_CHARACTERS_MAX) throw new MatrixFault(413, "M_TOO_LARGE", "The message is too large.");
  return json;
}

/** What was sent to a device. */
interface ToDevice {
  readonly events: readonly object[];
  /** Up to where it is told: what the client comes with the next time it has. */
  readonly upTo: number;
}

/** The next messages of a device with `after < position <= now`. Those up to `after` it has: they are forgotten here. */
export async function toDeviceBetween(
  { store }: Context,
  { account, device }: Who,
  after: number,
  now: number,
): Promise<ToDevice> {
  const { encryption } = store;
  const [oldest] = await encryption.toDevice(account, device, 0, 1);
  if (oldest === undefined) return { events: [], upTo: now };
  if (oldest.position <= after) {
    await store.transaction({ changes: [{ change: "acknowledge-to-device", account, device, upTo: after }] });
  }
  const found = await encryption.toDevice(account, device, after, TOLD_MAX);
  const told = found.filter(({ position }) => position <= now);
  return {
    events: told.map(({ json }) => JSON.parse(json) as object),
    upTo: told.length === TOLD_MAX ? told.at(-1)!.position : now,
  };
}
