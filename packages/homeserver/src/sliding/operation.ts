import type { Operation } from "../schema.ts";

/** Operations that clients ask for and the specification does not have yet, under the names that they have until then. */
export type UnstableOperationId = "slidingSync";

const ROOM = {
  fields: [
    ["timeline_limit", "integer", "optional"],
    ["required_state", { list: { list: "string" } }, "optional"],
  ],
  others: "any",
} as const;
const LIST = {
  fields: [
    ...ROOM.fields,
    ["ranges", { list: { list: "integer" } }, "optional"],
    ["range", { list: "integer" }, "optional"],
    ["filters", { fields: [], others: "any" }, "optional"],
  ],
  others: "any",
} as const;
const OBJECT = { fields: [], others: "any" } as const;

/** Simplified sliding sync. MSC4186 */
export const UNSTABLE_OPERATIONS: readonly Operation[] = [
  {
    id: "slidingSync",
    method: "POST",
    path: "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync",
    token: "needed",
    query: [
      ["pos", "string", "optional"],
      ["timeout", "integer", "optional"],
      ["set_presence", "string", "optional"],
    ],
    body: {
      fields: [
        ["conn_id", "string", "optional"],
        ["txn_id", "string", "optional"],
        ["lists", { fields: [], others: LIST }, "optional"],
        ["room_subscriptions", { fields: [], others: ROOM }, "optional"],
        ["extensions", { fields: [], others: OBJECT }, "optional"],
      ],
      others: "any",
    },
  },
];
