export { JsonLexeme, type JsonObject, type JsonValue } from "./value.ts";
