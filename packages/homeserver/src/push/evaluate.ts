import type { PushRule, PushRules } from "../push-rules.ts";
import { Glob } from "./glob.ts";

/** An event, as far as rules look at it. */
interface PushEvent {
  readonly type: string;
  readonly sender: string;
  readonly room_id: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly state_key?: string;
}

/** What rules ask of a room; only what is asked for is looked up. */
export interface PushFacts {
  displayName(): Promise<string | undefined>;
  memberCount(): Promise<number>;
  /** Whether the sender may notify the whole room, by the `notifications` of its power levels. */
  mayNotify(key: string): Promise<boolean>;
}

/** What an event does for somebody. */
export interface PushVerdict {
  readonly notifies: boolean;
  readonly highlights: boolean;
}

const NOTHING: PushVerdict = { notifies: false, highlights: false };
/** Fields of an event that are looked into, one within the other. Our own bound. */
const PATH_MAX = 32;

type Condition = Readonly<Record<string, unknown>>;

/** What the first rule says that fits the event. Client-server API, push rules */
export async function verdictOf(rules: PushRules, event: PushEvent, facts: PushFacts): Promise<PushVerdict> {
  const ordered: readonly (readonly [readonly PushRule[], (rule: PushRule) => boolean | Promise<boolean>])[] = [
    [rules.override, rule => fitsAll(rule, event, facts)],
    [rules.content, rule => fitsContent(rule, event)],
    [rules.room, rule => rule.rule_id === event.room_id],
    [rules.sender, rule => rule.rule_id === event.sender],
    [rules.underride, rule => fitsAll(rule, event, facts)],
  ];
  for (const [list, fits] of ordered) {
    for (const rule of list) if (rule.enabled && (await fits(rule))) return verdictOfActions(rule.actions);
  }
  return NOTHING;
}

function verdictOfActions(actions: readonly unknown[]): PushVerdict {
  const highlights = actions.some(each => isSaid(each) && each["set_tweak"] === "highlight" && each["value"] !== false);
  const notifies = actions.includes("notify") || actions.includes("coalesce");
  return { notifies, highlights: notifies && highlights };
}

async function fitsAll(rule: PushRule, event: PushEvent, facts: PushFacts): Promise<boolean> {
  for (const condition of rule.conditions ?? []) {
    if (!isSaid(condition) || !(await fits(condition, event, facts))) return false;
  }
  return true;
}

async function fits(condition: Condition, event: PushEvent, facts: PushFacts): Promise<boolean> {
  const { kind, key, pattern, value, is } = condition;
  switch (kind) {
    case "event_match":
      return typeof key === "string" && typeof pattern === "string" && fitsField(event, key, pattern);
    case "event_property_is":
      return typeof key === "string" && isPlain(value) && fieldOf(event, key) === value;
    case "event_property_contains": {
      const list = typeof key === "string" ? fieldOf(event, key) : undefined;
      return isPlain(value) && Array.isArray(list) && list.includes(value);
    }
    case "contains_display_name": {
      const name = await facts.displayName();
      const body = fieldOf(event, "content.body");
      return name !== undefined && name !== "" && typeof body === "string" && new Glob(plain(name)).fitsWord(body);
    }
    case "room_member_count":
      return typeof is === "string" && fitsCount(is, await facts.memberCount());
    case "sender_notification_permission":
      return typeof key === "string" && facts.mayNotify(key);
    default:
      // A condition that is not known never fits. Client-server API, push rules
      return false;
  }
}

/** A name has no wildcards: a character for one is held against any. */
function plain(name: string): string {
  return name.replaceAll("*", "?");
}

function isPlain(value: unknown): boolean {
  return value === null || ["string", "boolean", "number"].includes(typeof value);
}

function fitsField(event: PushEvent, key: string, pattern: string): boolean {
  const value = fieldOf(event, key);
  if (typeof value !== "string") return false;
  const glob = new Glob(pattern);
  return key === "content.body" ? glob.fitsWord(value) : glob.fits(value);
}

function fitsContent({ pattern }: PushRule, event: PushEvent): boolean {
  return pattern !== undefined && fitsField(event, "content.body", pattern);
}

function fitsCount(is: string, count: number): boolean {
  const [, sign = "==", digits] = /^(==|<=|>=|<|>)?([0-9]{1,9})$/.exec(is) ?? [];
  if (digits === undefined) return false;
  const number = Number(digits);
  if (sign === "==") return count === number;
  if (sign === "<") return count < number;
  if (sign === ">") return count > number;
  return sign === "<=" ? count <= number : count >= number;
}

/** What stands at a path of dots; a backslash before a dot or a backslash makes it a character of the name. */
function fieldOf(event: PushEvent, path: string): unknown {
  let value: unknown = event;
  for (const name of namesOf(path)) {
    if (!isSaid(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function namesOf(path: string): readonly string[] {
  const names = [""];
  for (let at = 0; at < path.length && names.length <= PATH_MAX; at += 1) {
    const isEscape = path[at] === "\\" && (path[at + 1] === "." || path[at + 1] === "\\");
    if (path[at] === ".") names.push("");
    else {
      if (isEscape) at += 1;
      names[names.length - 1] += path[at]!;
    }
  }
  return names;
}

function isSaid(value: unknown): value is Condition {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
