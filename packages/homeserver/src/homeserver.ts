import type { Store } from "@scop/store";
import { StoreUnavailable } from "@scop/store";
import { getCapabilities, getPushRules, getVersions, getWellknown, getWellknownSupport } from "./about.ts";
import { getAccountData, setAccountData } from "./account-data.ts";
import type { OperationId } from "./api.ts";
import { Authoring } from "./authoring.ts";
import type { Answered, Call, Context, HomeserverIo, HomeserverOptions, OwnCall } from "./context.ts";
import { createRoom } from "./create-room.ts";
import { deleteRoomAlias, getLocalAliases, getRoomIdByAlias, setRoomAlias } from "./directory/aliases.ts";
import { getPublicRooms, getRoomVisibility, queryPublicRooms, setRoomVisibility } from "./directory/public-rooms.ts";
import { defineFilter, getFilter } from "./filter.ts";
import { answerOf, faultAnswer, type HttpAnswer, type HttpRequest, MatrixFault } from "./http.ts";
import {
  checkUsername,
  getLoginFlows,
  getTokenOwner,
  login,
  logout,
  logoutAll,
  refresh,
  register,
  whoAsks,
} from "./login.ts";
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
import { brought, isKnownPath, route } from "./router.ts";
import { sendMessage, setRoomState } from "./send.ts";
import { sync } from "./sync.ts";
import { deleteRoomTag, getRoomTags, setRoomTag } from "./tags.ts";
import { upgradeRoom } from "./upgrade-room.ts";
import { Waiting } from "./waiting.ts";

/** A Matrix homeserver. */
export interface Homeserver {
  /** Answers one request. Never rejects: a fault of ours is a 500 and goes to the log. */
  answer(request: HttpRequest): Promise<HttpAnswer>;
  /** Lets everybody go who waits in `/sync`. The store stays open. */
  close(): void;
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

interface Operations {
  readonly open: Readonly<Record<OpenOperation, (call: Call) => Answered>>;
  readonly own: Readonly<Record<Exclude<OperationId, OpenOperation>, (call: OwnCall) => Answered>>;
}

/** Makes a homeserver of a store. It has no socket: whoever serves HTTP gives it the requests under `/_matrix/` and `/.well-known/matrix/`. */
export function createHomeserver(io: HomeserverIo, store: Store, options: HomeserverOptions): Homeserver {
  const context: Context = { io, store, options };
  const waiting = new Waiting(io, store);
  const operations = operationsOf(context, new Authoring(context), waiting);
  const perform = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (request.method === "OPTIONS") return answerOf(isKnownPath(request.target) ? 200 : 404, {});
    const routed = route(request);
    const { id } = routed.operation;
    const call = (): Call => ({
      path: routed.path,
      ...brought(request, routed),
      peer: request.peer,
      onGone: listener => request.onGone(listener),
    });
    if (isOpen(operations, id)) return answerOf(200, await operations.open[id](call()));
    // Of strangers not even a body is read.
    const who = await whoAsks(context, request.authorization);
    return answerOf(200, await operations.own[id]({ ...call(), who }));
  };
  return {
    answer: request => perform(request).catch((error: unknown) => answerToError(context, error)),
    close: () => waiting.close(),
  };
}

function isOpen({ open }: Operations, operation: OperationId): operation is OpenOperation {
  return Object.hasOwn(open, operation);
}

function answerToError({ io }: Context, error: unknown): HttpAnswer {
  if (error instanceof MatrixFault) return faultAnswer(error);
  if (error instanceof StoreUnavailable) {
    return faultAnswer(new MatrixFault(503, "M_UNKNOWN", "The server can't store it now: try again."));
  }
  io.log.write("error", "a Matrix request failed", {
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return faultAnswer(new MatrixFault(500, "M_UNKNOWN", "The server made a mistake."));
}

function operationsOf(context: Context, authoring: Authoring, waiting: Waiting): Operations {
  const own =
    (operation: (context: Context, call: OwnCall) => Answered) =>
    (call: OwnCall): Answered =>
      operation(context, call);
  const write =
    (operation: (context: Context, authoring: Authoring, call: OwnCall) => Answered) =>
    (call: OwnCall): Answered =>
      operation(context, authoring, call);
  return {
    open: {
      getWellknown: () => getWellknown(context),
      getVersions,
      getLoginFlows,
      login: call => login(context, call),
      register,
      getUserProfile: call => getUserProfile(context, call),
      getProfileField: call => getProfileField(context, call),
      getWellknownSupport: () => getWellknownSupport(context),
      checkUsernameAvailability: checkUsername,
      refresh,
      getRoomIdByAlias: call => getRoomIdByAlias(context, call),
      getPublicRooms: call => getPublicRooms(context, call),
      getRoomVisibilityOnDirectory: call => getRoomVisibility(context, call),
    },
    own: {
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
      sync: call => sync(context, waiting, call),
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
    },
  };
}
