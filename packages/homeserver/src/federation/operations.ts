import type { Answered, Call, Context, PeerCall } from "../context.ts";
import { type HttpRequest, MatrixFault } from "../http.ts";
import { exchangeOpenIdToken } from "../live/open-id.ts";
import type { Operation } from "../schema.ts";
import { PEER_OPERATIONS, type PeerOperationId } from "./api.ts";
import { whichServerAsks } from "./authenticate.ts";
import { claimUserKeys, getUserDevices, queryUserKeys } from "./device-keys.ts";
import { getPublicRoomsForPeers, queryDirectory, queryPublicRoomsForPeers } from "./directory.ts";
import { backfillRoom, getEvent, getEventAuth, getMissingEvents, getRoomState, getRoomStateIds } from "./history.ts";
import { getServerKey, getVersion, getWellKnown, queryKeys, queryKeysOfMany } from "./identity.ts";
import { inviteInOldForm, inviteOurs } from "./invited.ts";
import type { Outbox } from "./outbox.ts";
import type { Peers } from "./port.ts";
import { queryProfile } from "./profile.ts";
import { sendJoin, sendKnock, sendLeave } from "./send-membership.ts";
import { makeJoin, makeKnock, makeLeave } from "./templates.ts";
import { sendTransaction } from "./transactions.ts";

/** Operations that anybody may ask for. */
type OpenOperation =
  | "getWellKnown"
  | "getServerKey"
  | "perspectivesKeyQuery"
  | "bulkPerspectivesKeyQuery"
  | "getVersion"
  | "exchangeOpenIdToken";

/** Operations about files, whose answers come in pieces. */
export type PeerMediaOperation = "getContent" | "getContentThumbnail";

const OPEN: Readonly<Record<OpenOperation, (context: Context, call: Call) => Answered>> = {
  getWellKnown,
  getServerKey,
  perspectivesKeyQuery: queryKeys,
  bulkPerspectivesKeyQuery: queryKeysOfMany,
  getVersion,
  exchangeOpenIdToken,
};

/** Operations of servers that show who they are. */
const SIGNED: Readonly<
  Record<Exclude<PeerOperationId, OpenOperation | PeerMediaOperation>, (context: Context, call: PeerCall) => Answered>
> = {
  queryProfile,
  queryRoomDirectory: queryDirectory,
  getPublicRooms: getPublicRoomsForPeers,
  queryPublicRooms: queryPublicRoomsForPeers,
  makeJoin,
  sendJoinV2: sendJoin,
  makeLeave,
  sendLeaveV2: sendLeave,
  makeKnock,
  sendKnock,
  sendInviteV1: inviteInOldForm,
  sendInviteV2: inviteOurs,
  sendTransaction,
  backfillRoom,
  getMissingPreviousEvents: getMissingEvents,
  getEvent,
  getRoomState,
  getRoomStateIds,
  getEventAuth,
  getUserDevices,
  queryUserEncryptionKeys: queryUserKeys,
  claimUserEncryptionKeys: claimUserKeys,
};

const OF_PEERS: ReadonlySet<object> = new Set(PEER_OPERATIONS);

/** Whether an operation is one between servers. */
export function isOfPeers(operation: Operation): operation is Operation & { readonly id: PeerOperationId } {
  return OF_PEERS.has(operation);
}

/** Answers another server. Throws `MatrixFault`: 404 where there are no other servers for us, 401 where it does not show who it is. */
export async function answerPeer(
  context: Context,
  outbox: Outbox | undefined,
  id: PeerOperationId,
  request: HttpRequest,
  call: Call,
): Answered {
  const peers = peersOf(context);
  if (isPeerMedia(id)) throw new MatrixFault(404, "M_UNRECOGNIZED", "Nothing is there.");
  if (isOpen(id)) return OPEN[id](context, call);
  const origin = await whichServerAsks(context, peers, request, call.body);
  void outbox?.heardFrom(origin);
  return SIGNED[id](context, { ...call, origin });
}

function isOpen(id: PeerOperationId): id is OpenOperation {
  return Object.hasOwn(OPEN, id);
}

/** Whether an operation is one about files. */
export function isPeerMedia(id: PeerOperationId): id is PeerMediaOperation {
  return id === "getContent" || id === "getContentThumbnail";
}

/** Which server asks for a file. Throws `MatrixFault`. */
export async function whichPeerAsks(context: Context, request: HttpRequest): Promise<string> {
  return whichServerAsks(context, peersOf(context), request, new Map());
}

function peersOf({ options }: Context): Peers {
  if (options.peers !== undefined) return options.peers;
  throw new MatrixFault(404, "M_UNRECOGNIZED", "This server speaks to no others.");
}
