export type { Verdicts } from "@scop/mta/verify";
export { type IncomingMessage, MessageLost } from "./incoming-message.ts";
export { type SenderLimits, senderLimits } from "./limits.ts";
export type { OutgoingMessage } from "./outgoing-message.ts";
export {
  type IncomingMail,
  type MailEnvelope,
  type MailReceiver,
  type ReceiverOptions,
  type Refusal,
  receiveMail,
  refuse,
  tryLater,
} from "./receiver.ts";
export {
  createSender,
  type Delivered,
  type MailSender,
  type OutgoingMail,
  type SenderHost,
  type SenderOptions,
  type SendFailure,
  type SendReport,
} from "./sender.ts";
export type { DsnOptions } from "./transact.ts";
