import { checkMessage, parseMessage, parseMessageStrictly, readingRules } from "@scop/mime";
import { MESSAGE_GRAMMAR, MESSAGE_SEEDS } from "./messages.ts";
import { check, checkDiagnostics } from "./properties.ts";

export const about = "strict reading refuses exactly what lenient reading notes as forbidden, by a rule of the table";
export const seeds = MESSAGE_SEEDS;
export const grammar = MESSAGE_GRAMMAR;

const FORBIDDEN = new Map(readingRules.map(rule => [rule.code, rule.isForbidden]));

export function fuzz(data: Uint8Array): void {
  const found = checkMessage(parseMessage(data));
  checkDiagnostics(found, data.length);
  for (const { code } of found) check(FORBIDDEN.has(code), `the code ${code} is in the table of rules`);
  const forbidden = found.some(({ code }) => FORBIDDEN.get(code) === true);
  check(parseMessageStrictly(data).ok === !forbidden, "both ways of reading agree about what is forbidden");
}
