import { textAt } from "@scop/matrix/json";
import type { Answered, Context, OwnCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { addressOf } from "../user-id.ts";
import { viewOf } from "../visibility.ts";

/** Characters of a reason that the log keeps. Our own bound. */
const REASON_CHARACTERS_MAX = 1_000;

/** `POST /rooms/{roomId}/report/{eventId}`: what the reporter may see is told to whoever reads the log. */
export async function reportEvent(context: Context, call: OwnCall): Answered {
  const room = call.path.get("roomId")!;
  const view = await viewOf(context.store, room, call.who.user);
  const event = await context.store.roomEvent(room, call.path.get("eventId")!);
  if (event === undefined || view === undefined || (await view.visible([event])).length === 0)
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such event, or it is not for you.");
  return report(context, call, { room, event: event.event });
}

/** `POST /rooms/{roomId}/report` */
export async function reportRoom(context: Context, call: OwnCall): Answered {
  const room = call.path.get("roomId")!;
  if ((await context.store.room(room)) === undefined)
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such room.");
  return report(context, call, { room });
}

/** `POST /users/{userId}/report`: which users there are here is not told. */
export async function reportUser(context: Context, call: OwnCall): Answered {
  const user = call.path.get("userId")!;
  const address = addressOf(user, context.options.serverName);
  const isHere = address !== undefined && (await context.store.accountByAddress(address)) !== undefined;
  return isHere ? report(context, call, { user }) : {};
}

function report({ io }: Context, { who, body }: OwnCall, about: Readonly<Record<string, string>>): object {
  const reason = (textAt(body, "reason") ?? "").slice(0, REASON_CHARACTERS_MAX);
  io.log.write("warn", "something was reported by a user of Matrix", { reporter: who.user, ...about, reason });
  return {};
}
