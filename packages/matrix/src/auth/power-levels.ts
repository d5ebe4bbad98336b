import type { RoomEvent } from "../event/index.ts";
import { isJsonObject, type JsonObject, objectAt } from "../json/index.ts";
import { isPrivileged, isSameLevel, type Level, levelOf, NAMED_LEVELS, type PowerLevels } from "./levels.ts";
import type { RefusalWord } from "./refusal.ts";
import type { AuthRules } from "./rules.ts";
import { type AuthState, CREATE_KEY, POWER_LEVELS_KEY } from "./state.ts";
import { isUserId } from "./user-id.ts";

const NAMES = Object.keys(NAMED_LEVELS);

/** The lists of levels whose changes are checked, users aside. */
function listsOf(rules: AuthRules): readonly string[] {
  return rules.notificationLevels ? ["events", "notifications"] : ["events"];
}

/**
 * Rules 10.1 to 10.4. Deviation: before version 10 the rules speak of `users` alone; what is no level elsewhere could not be compared with
 * the next event's and is refused here too.
 */
function checkForm(content: JsonObject, create: RoomEvent | undefined, rules: AuthRules): RefusalWord | undefined {
  if (NAMES.some(name => content.has(name) && levelOf(content.get(name), rules) === undefined))
    return "levels-malformed";
  for (const list of ["users", ...listsOf(rules)]) {
    const levels = content.get(list);
    if (levels === undefined) continue;
    if (!isJsonObject(levels)) return "levels-malformed";
    for (const level of levels.values()) if (levelOf(level, rules) === undefined) return "levels-malformed";
  }
  for (const userId of objectAt(content, "users")?.keys() ?? []) {
    if (!isUserId(userId)) return "levels-of-no-user";
    if (isPrivileged(create, userId, rules)) return "levels-of-creator";
  }
  return undefined;
}

/** One level before and after. */
interface Alteration {
  readonly name: string;
  readonly before: Level | undefined;
  readonly after: Level | undefined;
}

function alterations(before: JsonObject, after: JsonObject, names: Iterable<string>, rules: AuthRules): Alteration[] {
  const found: Alteration[] = [];
  for (const name of names) {
    const each = { name, before: levelOf(before.get(name), rules), after: levelOf(after.get(name), rules) };
    const isSame = each.before !== undefined && each.after !== undefined && isSameLevel(each.before, each.after);
    if (!isSame) found.push(each);
  }
  return found;
}

const NOTHING: JsonObject = new Map();

function alterationsOf(list: string, before: JsonObject, after: JsonObject, rules: AuthRules): readonly Alteration[] {
  const [old, young] = [objectAt(before, list) ?? NOTHING, objectAt(after, list) ?? NOTHING];
  return alterations(old, young, new Set([...old.keys(), ...young.keys()]), rules);
}

function isAbove(level: Level | undefined, power: Level): boolean {
  return level !== undefined && level > power;
}

/** Rule 10 */
export function checkPowerLevels(
  event: RoomEvent,
  state: AuthState,
  rules: AuthRules,
  levels: PowerLevels,
): RefusalWord | undefined {
  const malformed = checkForm(event.content, state.get(CREATE_KEY), rules);
  if (malformed !== undefined) return malformed;
  const before = state.get(POWER_LEVELS_KEY)?.content;
  if (before === undefined) return undefined;
  const power = levels.user(event.sender);
  const users = alterationsOf("users", before, event.content, rules);
  const others = [
    ...alterations(before, event.content, NAMES, rules),
    ...listsOf(rules).flatMap(list => alterationsOf(list, before, event.content, rules)),
  ];
  if ([...others, ...users].some(each => isAbove(each.before, power) || isAbove(each.after, power)))
    return "levels-too-high";
  const ofEqual = users.some(
    each => each.name !== event.sender && each.before !== undefined && isSameLevel(each.before, power),
  );
  return ofEqual ? "levels-of-equal" : undefined;
}
