export { domainWarnings, skeleton, textWarnings } from "./confusables.ts";
export { idnaToUnicode, parseIdnaDomain } from "./uts46.ts";
