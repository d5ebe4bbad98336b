import { addresses } from "./addresses.ts";
import { imap } from "./imap.ts";
import { imapStructure } from "./imap-structure.ts";
import { matrix } from "./matrix.ts";
import { matrixRooms } from "./matrix-rooms.ts";
import { messages } from "./messages.ts";
import type { Operations } from "./operation.ts";
import { smtp } from "./smtp.ts";
import { verdicts } from "./verdicts.ts";

/** Every operation that the libraries of this repository answer. */
export const operations: Operations = {
  ...addresses,
  ...messages,
  ...verdicts,
  ...smtp,
  ...imap,
  ...imapStructure,
  ...matrix,
  ...matrixRooms,
};
