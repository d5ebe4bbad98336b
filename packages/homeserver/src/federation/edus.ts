import type { JsonObject } from "@scop/matrix/json";
import type { Context } from "../context.ts";
import { deviceListUpdate, directToDevice } from "./device-edus.ts";

import { presenceElsewhere, receiptsElsewhere, typingElsewhere } from "./live-edus.ts";

/** Takes the content of what another server said beside events. What is none of that server's to say it passes over. */
type EduHandler = (context: Context, origin: string, content: JsonObject) => Promise<void>;

/** What is taken, by its type; all else is passed over. */
export const EDU_HANDLERS: ReadonlyMap<string, EduHandler> = new Map([
  ["m.device_list_update", deviceListUpdate],
  ["m.signing_key_update", deviceListUpdate],
  ["m.direct_to_device", directToDevice],
  ["m.typing", typingElsewhere],
  ["m.receipt", receiptsElsewhere],
  ["m.presence", presenceElsewhere],
]);
