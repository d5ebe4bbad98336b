import { getCapabilities, getVersions, getWellknown, getWellknownSupport } from "./about.ts";
import { getAccountData, setAccountData } from "./account-data.ts";
import type { OperationId } from "./api.ts";
import type { Call, OwnCall } from "./context.ts";
import { createRoom } from "./create-room.ts";
import { deleteRoomAlias, getLocalAliases, getRoomIdByAlias, setRoomAlias } from "./directory/aliases.ts";
import { getPublicRooms, getRoomVisibility, queryPublicRooms, setRoomVisibility } from "./directory/public-rooms.ts";
import { ENCRYPTION_OPERATIONS } from "./encryption/operations.ts";
import { defineFilter, getFilter } from "./filter.ts";
import { LIVE_OPERATIONS } from "./live/operations.ts";
import { checkUsername, getLoginFlows, getTokenOwner, login, logout, logoutAll, refresh, register } from "./login.ts";
import type { MediaOperation } from "./media/operations.ts";
import { ban, forget, invite, join, kick, knock, leave, unban } from "./membership.ts";
import { own, type Performed, write } from "./performed.ts";
import { deleteProfileField, getProfileField, getUserProfile, setProfileField } from "./profile.ts";
import { PUSH_RULE_OPERATIONS } from "./push-rule-changes.ts";
import { getEventContext } from "./read-context.ts";
import {
  getJoinedMembersByRoom,
  getJoinedRooms,
  getMembersByRoom,
  getOneRoomEvent,
  getRoomEvents,
  getRoomState,
  getRoomStateWithKey,
} from "./read-room.ts";
import { redact } from "./redaction.ts";
import { sendMessage, setRoomState } from "./send.ts";
import type { UnstableOperationId } from "./sliding/operation.ts";
import { slidingSync } from "./sliding/sync.ts";
import { sync } from "./sync.ts";
import { deleteRoomTag, getRoomTags, setRoomTag } from "./tags.ts";
import { upgradeRoom } from "./upgrade-room.ts";

/** Operations that anybody may ask for. */
type OpenOperation =
  | "getWellknown"
  | "getVersions"
  | "getLoginFlows"
  | "login"
  | "register"
  | "getUserProfile"
  | "getProfileField"
  | "getWellknownSupport"
  | "checkUsernameAvailability"
  | "refresh"
  | "getRoomIdByAlias"
  | "getPublicRooms"
  | "getRoomVisibilityOnDirectory";

/** Operations of who is logged in. */
export type OwnOperation = Exclude<OperationId, OpenOperation | MediaOperation> | UnstableOperationId;

/** Without a token. */
export const OPEN_OPERATIONS: Readonly<Record<OpenOperation, Performed<Call>>> = {
  getWellknown: own(getWellknown),
  getVersions,
  getLoginFlows,
  login: own(login),
  register,
  getUserProfile: own(getUserProfile),
  getProfileField: own(getProfileField),
  getWellknownSupport: own(getWellknownSupport),
  checkUsernameAvailability: checkUsername,
  refresh,
  getRoomIdByAlias: own(getRoomIdByAlias),
  getPublicRooms: own(getPublicRooms),
  getRoomVisibilityOnDirectory: own(getRoomVisibility),
};

/** For those who are logged in. */
export const OWN_OPERATIONS: Readonly<Record<OwnOperation, Performed<OwnCall>>> = {
  ...ENCRYPTION_OPERATIONS,
  ...PUSH_RULE_OPERATIONS,
  ...LIVE_OPERATIONS,
  logout: own(logout),
  logout_all: own(logoutAll),
  getTokenOwner: own(getTokenOwner),
  getCapabilities,
  createRoom: write(createRoom),
  getJoinedRooms: own(getJoinedRooms),
  joinRoom: write(join),
  joinRoomById: write(join),
  leaveRoom: write(leave),
  inviteUser: write(invite),
  kick: write(kick),
  ban: write(ban),
  unban: write(unban),
  sendMessage: write(sendMessage),
  setRoomStateWithKey: write(setRoomState),
  getRoomStateWithKey: own(getRoomStateWithKey),
  getRoomState: own(getRoomState),
  getMembersByRoom: own(getMembersByRoom),
  getJoinedMembersByRoom: own(getJoinedMembersByRoom),
  getOneRoomEvent: own(getOneRoomEvent),
  getRoomEvents: own(getRoomEvents),
  defineFilter: own(defineFilter),
  getFilter: own(getFilter),
  sync,
  slidingSync,
  setAccountData: own(setAccountData),
  getAccountData: own(getAccountData),
  setAccountDataPerRoom: own(setAccountData),
  getAccountDataPerRoom: own(getAccountData),
  setProfileField: write(setProfileField),
  deleteProfileField: write(deleteProfileField),
  redactEvent: write(redact),
  getEventContext: own(getEventContext),
  forgetRoom: own(forget),
  knockRoom: write(knock),
  upgradeRoom: write(upgradeRoom),
  getRoomTags: own(getRoomTags),
  setRoomTag: own(setRoomTag),
  deleteRoomTag: own(deleteRoomTag),
  setRoomAlias: own(setRoomAlias),
  deleteRoomAlias: own(deleteRoomAlias),
  getLocalAliases: own(getLocalAliases),
  queryPublicRooms: own(queryPublicRooms),
  setRoomVisibilityOnDirectory: own(setRoomVisibility),
};
