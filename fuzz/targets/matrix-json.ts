import type { Grammar } from "@scop/fuzz";
import { jsonValueOf, looseJsonValueOf } from "@scop/matrix/arbitrary";
import { canonicalJson, type JsonValue, parseJson } from "@scop/matrix/json";
import { check, checkDiagnostics, same } from "./properties.ts";

export const about =
  "JSON that was read has one canonical form, which is read as the same; what is read is JSON for the runtime too, and means the same there";
export const seeds: readonly string[] = [
  '{"type":"m.room.member","content":{"membership":"join"},"depth":1,"auth_events":["$a"]}',
  '[1,-0,1.5,1e2,9007199254740993,"\\ud83d\\ude00",null,true,{}]',
  '{"a":{"a":[[],{"":"\\u0000"}]},"__proto__":1}',
];
export const grammar: Grammar = {
  value: ["{object}", "[{list}]", "{number}", '"{text}"', "null", "true", "false"],
  object: ["{{}", '{{"{text}":{value}}', '{{"{text}":{value},"{text}" : {value}}'],
  list: ["", "{value}", "{value},{list}"],
  number: ["0", "-1", "9007199254740991", "9007199254740992", "-0", "1.0", "1E+2", "01"],
  text: ["", "a", "\\n", "\\u0061", "\\ud800", "\\ud83d\\ude00", "é", "{text}{text}"],
};
const OCTETS_MAX = 100_000;

export function fuzz(data: Uint8Array): void {
  const strict = parseJson(data, { octetsMax: OCTETS_MAX, numbers: "canonical" });
  const loose = parseJson(data, { octetsMax: OCTETS_MAX, numbers: "any" });
  checkDiagnostics(loose.ok ? loose.notes : [loose.error], data.length);
  if (strict.ok) {
    check(loose.ok, "what is read strictly is read");
    checkFixedPoint(strict.value, "canonical");
    checkSameForRuntime(strict.value, data);
  } else checkDiagnostics([strict.error], data.length);
  if (loose.ok) checkFixedPoint(loose.value, "any");
  checkFixedPoint(jsonValueOf(data), "canonical");
  checkFixedPoint(looseJsonValueOf(data), "any");
}

/**
 * What the runtime hides was refused, so that both have read the same. Not where a backslash is: V8 13.6 takes `\n` in a key for a backslash
 * if it read such a key before (this target found it), so that it is no judge there.
 */
function checkSameForRuntime(value: JsonValue, data: Uint8Array): void {
  const text = Buffer.from(data).toString();
  if (text.includes("\\")) return;
  const written = Buffer.from(canonicalJson(value)).toString();
  if (!written.includes("\\")) same(JSON.parse(written), JSON.parse(text), "the canonical form means the same");
}

function checkFixedPoint(value: JsonValue, numbers: "canonical" | "any"): void {
  const written = canonicalJson(value);
  const again = parseJson(written, { octetsMax: written.length, numbers });
  check(again.ok, "a canonical form is read");
  if (!again.ok) return;
  same(again.value, value, "a value is the same after writing and reading");
  same(canonicalJson(again.value), written, "there is one canonical form");
}
