import { textAt } from "@scop/matrix/json";
import { ACCOUNT_DATA_CHARACTERS_MAX } from "@scop/store";
import type { OperationId } from "./api.ts";
import { canonicalText } from "./canonical-text.ts";
import { type Answered, type Context, type OwnCall, queryText } from "./context.ts";
import { MatrixFault } from "./http.ts";
import type { Performed } from "./performed.ts";
import {
  PUSH_RULE_KINDS,
  PUSH_RULES_TYPE,
  type PushRule,
  type PushRuleKind,
  type PushRules,
  pushRulesOf,
} from "./push-rules.ts";

/** Characters of the id of a rule. Our own bound: that of a room or a user. */
const RULE_ID_CHARACTERS_MAX = 255;

type PushRuleOperation = Extract<OperationId, `${string}PushRule${string}`>;

/** What a change does to the rules of one kind. */
type Edit = (rules: readonly PushRule[], call: OwnCall) => readonly PushRule[];

function show(shown: (rule: PushRule) => object): Performed<OwnCall> {
  return async ({ context }, call) => shown(ruleIn((await rulesFor(context, call))[kindOf(call)], call));
}

function edit(change: Edit): Performed<OwnCall> {
  return ({ context, turns }, call) =>
    turns.take(`push rules ${call.who.account}`, () => changed(context, call, change));
}

/** Operations of push rules. They are account data of their own, told by `/sync`. */
export const PUSH_RULE_OPERATIONS: Readonly<Record<PushRuleOperation, Performed<OwnCall>>> = {
  getPushRules: async ({ context }, call) => ({ global: await rulesFor(context, call) }),
  getPushRulesGlobal: ({ context }, call) => rulesFor(context, call),
  getPushRule: show(rule => rule),
  isPushRuleEnabled: show(({ enabled }) => ({ enabled })),
  getPushRuleActions: show(({ actions }) => ({ actions })),
  setPushRule: edit(withRule),
  deletePushRule: edit(withoutRule),
  setPushRuleEnabled: edit((rules, call) => replaced(rules, call, { enabled: call.body.get("enabled") === true })),
  setPushRuleActions: edit((rules, call) => replaced(rules, call, { actions: listAt(call, "actions") })),
};

async function rulesFor({ store }: Context, { who }: OwnCall): Promise<PushRules> {
  const data = await store.accountData(who.account, 0);
  return pushRulesOf(who.user, data.find(each => each.room === "" && each.type === PUSH_RULES_TYPE)?.json);
}

async function changed(context: Context, call: OwnCall, change: Edit): Answered {
  const kind = kindOf(call);
  const rules = await rulesFor(context, call);
  const json = JSON.stringify({ global: { ...rules, [kind]: change(rules[kind], call) } });
  if (json.length > ACCOUNT_DATA_CHARACTERS_MAX) {
    throw new MatrixFault(400, "M_TOO_LARGE", "The account keeps as many push rules as it may.");
  }
  const { account } = call.who;
  await context.store.transaction({
    changes: [{ change: "put-account-data", account, room: "", type: PUSH_RULES_TYPE, json }],
  });
  return {};
}

function kindOf({ path }: OwnCall): PushRuleKind {
  const kind = PUSH_RULE_KINDS.find(each => each === path.get("kind"));
  if (kind === undefined) throw new MatrixFault(400, "M_INVALID_PARAM", "There is no such kind of rules.");
  return kind;
}

function ruleIn(rules: readonly PushRule[], { path }: OwnCall): PushRule {
  const found = rules.find(each => each.rule_id === path.get("ruleId"));
  if (found === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such rule.");
  return found;
}

function replaced(rules: readonly PushRule[], call: OwnCall, fields: Partial<PushRule>): readonly PushRule[] {
  const rule = ruleIn(rules, call);
  return rules.map(each => (each === rule ? { ...rule, ...fields } : each));
}

function withoutRule(rules: readonly PushRule[], call: OwnCall): readonly PushRule[] {
  const rule = ruleIn(rules, call);
  if (rule.default) throw new MatrixFault(400, "M_INVALID_PARAM", "A predefined rule is disabled, not removed.");
  return rules.filter(each => each !== rule);
}

/** `PUT /pushrules/global/{kind}/{ruleId}`: before or after another own rule, or above all of them; one that is there stays where it is. */
function withRule(rules: readonly PushRule[], call: OwnCall): readonly PushRule[] {
  const rule = newRule(call);
  const old = rules.find(each => each.rule_id === rule.rule_id);
  const [before, after] = [queryText(call, "before"), queryText(call, "after")];
  const nearId = before ?? after;
  if (nearId === undefined && old !== undefined) {
    return rules.map(each => (each === old ? { ...rule, enabled: old.enabled } : each));
  }
  const others = rules.filter(each => each !== old);
  const near = others.find(each => !each.default && each.rule_id === nearId);
  if (nearId !== undefined && near === undefined) {
    throw new MatrixFault(404, "M_NOT_FOUND", "The rule to stand beside is none of your own of this kind.");
  }
  const isFirstOwn = (each: PushRule): boolean => !each.default;
  const end = others.findLastIndex(each => each.rule_id === ".m.rule.master") + 1;
  const first = others.some(isFirstOwn) ? others.findIndex(isFirstOwn) : end;
  const place = near === undefined ? first : others.indexOf(near) + (before === undefined ? 1 : 0);
  return [...others.slice(0, place), { ...rule, enabled: old?.enabled ?? true }, ...others.slice(place)];
}

function newRule(call: OwnCall): PushRule {
  const id = call.path.get("ruleId")!;
  const isBad = id === "" || id.startsWith(".") || id.includes("/") || id.includes("\\");
  if (isBad || id.length > RULE_ID_CHARACTERS_MAX) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "The id of an own rule begins with no dot and has no slash.");
  }
  const common = { rule_id: id, default: false, enabled: true, actions: listAt(call, "actions") };
  switch (kindOf(call)) {
    case "override":
    case "underride":
      return { ...common, conditions: listAt(call, "conditions") };
    case "content": {
      const pattern = textAt(call.body, "pattern");
      if (pattern === undefined) throw new MatrixFault(400, "M_MISSING_PARAM", "pattern is missing.");
      return { ...common, pattern };
    }
    default:
      return common;
  }
}

/** A list of the body as it is kept: as any value of JSON. */
function listAt({ body }: OwnCall, name: string): readonly unknown[] {
  return JSON.parse(canonicalText(body.get(name) ?? [])) as readonly unknown[];
}
