import type { AuthRules } from "./rules.ts";

/** The first room version with each change of the rules; of two, the last. */
function rulesOf(version: number): AuthRules {
  return {
    aliasesByServer: version <= 5,
    redactionByServer: version <= 2,
    notificationLevels: version >= 6,
    knocking: version >= 7,
    restrictedJoins: version >= 8,
    knockRestrictedJoins: version >= 10,
    integerLevels: version >= 10,
    senderIsCreator: version >= 11,
    privilegedCreators: version >= 12,
    createIdIsRoomId: version >= 12,
  };
}

const RULES: ReadonlyMap<string, AuthRules> = new Map(
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(version => [String(version), rulesOf(version)]),
);

/** The authorisation rules of a room version, `1` to `12`; undefined for any other. */
export function authRulesOf(version: string): AuthRules | undefined {
  return RULES.get(version);
}
