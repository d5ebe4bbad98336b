import type { Mailbox } from "@scop/address";
import { enqueueChanges, type OutgoingMail } from "../src/enqueue.ts";
import { decideRelay, type RelayPermit } from "../src/relay.ts";

declare const mail: OutgoingMail;
declare const mailbox: Mailbox;

// @ts-expect-error nothing is enqueued without a permit
enqueueChanges([], mail, [{ mailbox }]);

// @ts-expect-error a permit is not made by hand
export const forged: RelayPermit = { because: "authenticated" };

const decision = decideRelay({ origin: "mx", recipient: "foreign" });
// @ts-expect-error a decision has a permit only where it says yes
enqueueChanges([], mail, [{ mailbox, permit: decision.permit }]);
if (decision.may) enqueueChanges([], mail, [{ mailbox, permit: decision.permit }]);
