export { assert, ProgrammerError, unreachable } from "./assert.ts";
export { base64 } from "./base64.ts";
export { type Base64Run, base64Values } from "./base64-pure.ts";
export type { Brand } from "./brand.ts";
export {
  type ByteWork,
  base64DecodeChecked,
  base64Encode,
  base64Groups,
  find,
  installByteWork,
  isAscii,
  isUtf8,
  latin1,
  latin1Bytes,
  nativePlainLines,
  pureByteWork,
  tableText,
  utf8Bytes,
  utf8Lossy,
  utf16,
} from "./byte-work.ts";
export { concat, EMPTY, equalBytes } from "./bytes.ts";
export { CharClass, charClasses, equalIgnoringCase, isClass, lowerAscii, Octet } from "./chars.ts";
export { Cursor } from "./cursor.ts";
export { hex, hexEncode, hexValue, hexValues } from "./hex.ts";
export { type IpAddress, type IpText, ipOfOctets, parseIp } from "./ip.ts";
export { isPublicIp } from "./public-ip.ts";
export { RecentMap } from "./recent-map.ts";
export { type RememberedLimits, remembered } from "./remembered.ts";
export { type Diagnostic, describe, failed, type Parsed, parsed } from "./result.ts";
export { equalConstantTime, Secret } from "./secret.ts";
export { TextPieces } from "./text-pieces.ts";
export { findMalformedUtf8 } from "./text-pure.ts";
export { utf8 } from "./utf8.ts";
export { whatwgByteWork } from "./whatwg-byte-work.ts";
export { Writer } from "./writer.ts";
