import { blobContract } from "./contract/blobs.ts";
import { chatContract } from "./contract/chat.ts";
import { clockContract } from "./contract/clock.ts";
import { directoryContract } from "./contract/directory.ts";
import { encryptionContract } from "./contract/encryption.ts";
import { forkContract } from "./contract/forks.ts";
import { keyBackupContract } from "./contract/key-backups.ts";
import { loginContract } from "./contract/logins.ts";
import { mailLinkContract } from "./contract/mail-links.ts";
import { mailboxContract } from "./contract/mailboxes.ts";
import { messageContract } from "./contract/messages.ts";
import { peerContract } from "./contract/peers.ts";
import { queueContract } from "./contract/queue.ts";
import { quotaContract } from "./contract/quota.ts";
import { roomContract } from "./contract/rooms.ts";
import { tallyContract } from "./contract/tallies.ts";
import { textContract } from "./contract/texts.ts";
import { threadContract } from "./contract/threads.ts";
import type { ContractHarness } from "./contract/tools.ts";
import { transactionContract } from "./contract/transactions.ts";

export type { ContractHarness } from "./contract/tools.ts";

/** Registers the tests that every engine has to pass, each on a new store. */
export function contract(harness: ContractHarness): void {
  transactionContract(harness);
  directoryContract(harness);
  mailboxContract(harness);
  messageContract(harness);
  textContract(harness);
  quotaContract(harness);
  threadContract(harness);
  blobContract(harness);
  queueContract(harness);
  tallyContract(harness);
  roomContract(harness);
  peerContract(harness);
  chatContract(harness);
  forkContract(harness);
  loginContract(harness);
  mailLinkContract(harness);
  encryptionContract(harness);
  keyBackupContract(harness);
  clockContract(harness);
}
