/** What the authorisation rules of a room version differ in. Matrix room versions, authorization rules */
export interface AuthRules {
  /** Versions 1 to 5: `m.room.aliases` belongs to the server that its state key names. */
  readonly aliasesByServer: boolean;
  /** Versions 1 and 2: who may not redact may still redact what their own server sent. */
  readonly redactionByServer: boolean;
  /** From 6: changes of `notifications` in power levels are checked. */
  readonly notificationLevels: boolean;
  /** From 7: `knock`, as a membership and as a join rule. */
  readonly knocking: boolean;
  /** From 8: the join rule `restricted`. */
  readonly restrictedJoins: boolean;
  /** From 10: the join rule `knock_restricted`. */
  readonly knockRestrictedJoins: boolean;
  /** From 10: power levels are integers; before, texts of integers are taken too. */
  readonly integerLevels: boolean;
  /** From 11: who sent the create event is the creator; before, its `creator`. */
  readonly senderIsCreator: boolean;
  /** From 12: creators, of whom there may be several, stand above every power level. */
  readonly privilegedCreators: boolean;
  /** From 12: the id of the room is that of its create event, which is no auth event for that reason. */
  readonly createIdIsRoomId: boolean;
}
