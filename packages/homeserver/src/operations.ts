import { getCapabilities, getPushRules, getVersions, getWellknown, getWellknownSupport } from "./about.ts";
import { getAccountData, setAccountData } from "./account-data.ts";
import type { OperationId } from "./api.ts";
import type { Authoring } from "./authoring.ts";
import type { Answered, Call, Context, OwnCall } from "./context.ts";
import { createRoom } from "./create-room.ts";
import { deleteRoomAlias, getLocalAliases, getRoomIdByAlias, setRoomAlias } from "./directory/aliases.ts";
import { getPublicRooms, getRoomVisibility, queryPublicRooms, setRoomVisibility } from "./directory/public-rooms.ts";
import { defineFilter, getFilter } from "./filter.ts";
import { checkUsername, getLoginFlows, getTokenOwner, login, logout, logoutAll, refresh, register } from "./login.ts";
import type { MediaOperation } from "./media/operations.ts";
import { ban, forget, invite, join, kick, knock, leave, unban } from "./membership.ts";
import { deleteProfileField, getProfileField, getUserProfile, setProfileField } from "./profile.ts";
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
import { sync } from "./sync.ts";
import { deleteRoomTag, getRoomTags, setRoomTag } from "./tags.ts";
import { upgradeRoom } from "./upgrade-room.ts";
import type { Waiting } from "./waiting.ts";

/** What operations work with. */
export interface Parts {
  readonly context: Context;
  readonly authoring: Authoring;
  readonly waiting: Waiting;
}

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
export type OwnOperation = Exclude<OperationId, OpenOperation | MediaOperation>;

/** One operation, for whoever may ask for it. */
type Performed<C extends Call> = (parts: Parts, call: C) => Answered;

function own<C extends Call>(operation: (context: Context, call: C) => Answered): Performed<C> {
  return ({ context }, call) => operation(context, call);
}

function write(operation: (context: Context, authoring: Authoring, call: OwnCall) => Answered): Performed<OwnCall> {
  return ({ context, authoring }, call) => operation(context, authoring, call);
}

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
  logout: own(logout),
  logout_all: own(logoutAll),
  getTokenOwner: own(getTokenOwner),
  getCapabilities,
  getPushRules: own(getPushRules),
  createRoom: own(createRoom),
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
  sync: ({ context, waiting }, call) => sync(context, waiting, call),
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
