export { canonicalJson } from "./canonical.ts";
export { EVENT_JSON, EVENT_OCTETS_MAX, JSON_DEPTH_MAX, type JsonLimits } from "./limits.ts";
export { parseJson } from "./parse.ts";
export {
  hasCanonicalNumbers,
  isJsonObject,
  JsonLexeme,
  type JsonObject,
  type JsonValue,
  jsonObject,
  objectAt,
  textAt,
} from "./value.ts";
