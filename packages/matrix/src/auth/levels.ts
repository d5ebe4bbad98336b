import type { RoomEvent } from "../event/index.ts";
import { JsonLexeme, type JsonObject, type JsonValue, objectAt, textAt } from "../json/index.ts";
import type { AuthRules } from "./rules.ts";
import { type AuthState, CREATE_KEY, POWER_LEVELS_KEY } from "./state.ts";

/** A power level. Beyond what a number holds exactly it is a `bigint`; that of a privileged creator is infinite. */
export type Level = number | bigint;

/** Digits of a level that is written as a text: what servers in Python read. */
const LEVEL_DIGITS_MAX = 4_300;

/** The levels that stand for themselves, and what counts where they are missing. Client-server API, m.room.power_levels */
export const NAMED_LEVELS = {
  users_default: 0,
  events_default: 0,
  state_default: 50,
  ban: 50,
  redact: 50,
  kick: 50,
  invite: 0,
} as const;

type NamedLevel = keyof typeof NAMED_LEVELS;

function isDigits(text: string, start: number): boolean {
  if (start >= text.length || text.length - start > LEVEL_DIGITS_MAX) return false;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

function smallest(value: bigint): Level {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Room versions before 10: spaces around, one sign, zeros in front. */
function levelOfText(text: string): Level | undefined {
  const bare = text.trim();
  const isSigned = bare.startsWith("-") || bare.startsWith("+");
  if (!isDigits(bare, isSigned ? 1 : 0)) return undefined;
  const value = BigInt(isSigned ? bare.slice(1) : bare);
  return smallest(bare.startsWith("-") ? -value : value);
}

/** Room versions before 6 have numbers of every form; what is no whole one is cut off. */
function levelOfLexeme(lexeme: string): Level | undefined {
  if (isDigits(lexeme, lexeme.startsWith("-") ? 1 : 0)) return levelOfText(lexeme);
  const value = Math.trunc(Number(lexeme));
  return Number.isFinite(value) ? smallest(BigInt(value)) : undefined;
}

/** The level that a value says; undefined where it says none in this version. */
export function levelOf(value: JsonValue | undefined, rules: AuthRules): Level | undefined {
  if (typeof value === "number") return value;
  if (rules.integerLevels) return undefined;
  if (typeof value === "string") return levelOfText(value);
  return value instanceof JsonLexeme ? levelOfLexeme(value.lexeme) : undefined;
}

/** Whether two levels are the same, of whatever kind. */
export function isSameLevel(one: Level, other: Level): boolean {
  return !(one < other) && !(one > other);
}

/** Who created the room by the rules of its version, privileged or not. */
export function creatorOf(create: RoomEvent, rules: AuthRules): string | undefined {
  return rules.senderIsCreator ? create.sender : textAt(create.content, "creator");
}

/** Whether the user is one of the creators that stand above every level. Room version 12 */
export function isPrivileged(create: RoomEvent | undefined, userId: string, rules: AuthRules): boolean {
  if (!rules.privilegedCreators || create === undefined) return false;
  if (create.sender === userId) return true;
  const others = create.content.get("additional_creators");
  return Array.isArray(others) && others.includes(userId);
}

/** The level of a user by a create event and the content of power levels, undefined where the room has none. */
export function userLevel(
  create: RoomEvent | undefined,
  levels: JsonObject | undefined,
  userId: string,
  rules: AuthRules,
): Level {
  if (isPrivileged(create, userId, rules)) return Number.POSITIVE_INFINITY;
  if (levels === undefined) return create !== undefined && creatorOf(create, rules) === userId ? 100 : 0;
  const own = levelOf(objectAt(levels, "users")?.get(userId), rules);
  return own ?? levelOf(levels.get("users_default"), rules) ?? NAMED_LEVELS.users_default;
}

/** The power levels that a state has. */
export class PowerLevels {
  readonly #create: RoomEvent | undefined;
  readonly #content: JsonObject | undefined;
  readonly #rules: AuthRules;

  constructor(state: AuthState, rules: AuthRules) {
    this.#create = state.get(CREATE_KEY);
    this.#content = state.get(POWER_LEVELS_KEY)?.content;
    this.#rules = rules;
  }

  user(userId: string): Level {
    return userLevel(this.#create, this.#content, userId, this.#rules);
  }

  named(name: NamedLevel): Level {
    return levelOf(this.#content?.get(name), this.#rules) ?? NAMED_LEVELS[name];
  }

  /** What sending an event of a type takes. */
  toSend(type: string, isState: boolean): Level {
    const own = levelOf(objectAt(this.#content, "events")?.get(type), this.#rules);
    return own ?? this.named(isState ? "state_default" : "events_default");
  }
}
