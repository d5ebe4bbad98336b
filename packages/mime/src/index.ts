export {
  type AuthenticationProperty,
  type AuthenticationResult,
  type AuthenticationResults,
  parseAuthenticationResults,
} from "./authentication-results.ts";
export {
  bodyDiagnostics,
  contentTypeOf,
  dispositionOf,
  isAttachment,
  lineCount,
  partsOf,
} from "./body.ts";
export { type CheckOptions, checkMessage, parseMessageStrictly } from "./check.ts";
export { composeAuthenticationResults } from "./compose-authentication-results.ts";
export { composeField, formatMessageId, type MailboxGroup, type NamedMailbox } from "./compose-field.ts";
export { composeChunks, composeMessage } from "./compose-message.ts";
export { forwardedMessage } from "./compose-part.ts";
export { contentDescriptionOf, contentIdOf, contentLanguagesOf, contentLocationOf } from "./content-fields.ts";
export { dateOf, dateOfField, formatDate, type MessageDate, parseDate } from "./date.ts";
export {
  composeDeliveryReport,
  type DeliveryAction,
  type DeliveryReportDraft,
  type ReportedRecipient,
} from "./delivery-report.ts";
export type {
  Attachment,
  AttachmentHead,
  CalendarObject,
  ExtraField,
  MessageDraft,
  MessageHead,
  StreamedAttachment,
  StreamedDraft,
} from "./draft.ts";
export { prependFields, removeFields, serialise } from "./edit.ts";
export { editMessage, type FieldValue, type MessageEdit } from "./edit-message.ts";
export { embeddedPartsOf } from "./embedded.ts";
export type { Chunks, MessageForm } from "./encode-body.ts";
export { decodeWords } from "./encoded-word.ts";
export { addressesOf, addressesOfField, displayNameOf, mailboxesOf, messageIdsOf, subjectOf } from "./envelope.ts";
export { decodeField, fieldRaw, fieldText, fieldValue } from "./field-text.ts";
export { fileNameOf, safeFileName } from "./file-name.ts";
export { unwrapFlowed, unwrappedTextOf } from "./flowed.ts";
export { fields, firstField, parseHeader } from "./header.ts";
export { type MimeLimits, mimeLimits } from "./limits.ts";
export { type ListField, type ListId, listFieldOf, listIdOf } from "./list-fields.ts";
export { isMediaType } from "./media.ts";
export { parseMessage } from "./message.ts";
export {
  heldOctetsMax,
  type MessageEvent,
  type MessageReader,
  type MessageReaderOptions,
  openMessageReader,
  type PartEvent,
} from "./message-reader.ts";
export type {
  Charsets,
  Decoded,
  Header,
  HeaderField,
  HeaderView,
  Message,
  Part,
  TransferEncoding,
} from "./model.ts";
export {
  decodeParameter,
  type Parameter,
  type ParameterizedValue,
  parameter,
  parameterizedValue,
} from "./parameters.ts";
export { decodePartBytes, decodePartText, partBytes, partText } from "./part-content.ts";
export {
  addressOfClause,
  parseReceived,
  type Received,
  type ReceivedClause,
  type ReceivedClauseName,
} from "./received.ts";
export { composeReport, type ReportDraft, type ReportedMessage, type ReportHead } from "./report.ts";
export { resentBlocks } from "./resent.ts";
export { type ReadingRule, readingRules } from "./rules.ts";
export { type EmbeddedPart, readTnef, type Tnef } from "./tnef.ts";
export { type UuencodedFile, uuencodedFiles } from "./uuencode.ts";
export { whatwgCharsets } from "./whatwg-charsets.ts";
