import { canonicalJson, type JsonValue } from "@scop/matrix/json";
import { assert, utf8 } from "@scop/wire";

/** A value as the text that is stored. */
export function canonicalText(value: JsonValue): string {
  const text = utf8(canonicalJson(value));
  assert(text.ok, "canonical JSON is UTF-8");
  return text.value;
}
