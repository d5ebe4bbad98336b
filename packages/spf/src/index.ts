export type { SpfQuestion } from "./check.ts";
export { openSpfCheck } from "./machine.ts";
export { formatMacroString, type Macro, type MacroLetter, type MacroString, parseMacroString } from "./macro.ts";
export { formatReceivedSpf, type SpfClient } from "./received-spf.ts";
export {
  type Directive,
  formatRecord,
  isSpfRecord,
  type Mechanism,
  type PrefixBits,
  parseRecord,
  type Qualifier,
  type SpfRecord,
} from "./record.ts";
export type { SpfCode, SpfIdentity, SpfResult, SpfStep, SpfVerdict } from "./verdict.ts";
