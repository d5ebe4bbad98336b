import type { OperationId } from "../api.ts";
import type { OwnCall } from "../context.ts";
import { getEventByTimestamp } from "../find/by-time.ts";
import { getRoomSummary, getSpaceHierarchy } from "../find/hierarchy.ts";
import { getNotifications } from "../find/notifications.ts";
import { reportEvent, reportRoom, reportUser } from "../find/reports.ts";
import { search } from "../find/search.ts";
import { searchUserDirectory } from "../find/users.ts";
import { changePassword } from "../password.ts";
import { own, type Performed } from "../performed.ts";
import { getRelations, getThreads } from "../relations/read-relations.ts";
import { requestOpenIdToken } from "./open-id.ts";
import { getPresence, setPresence } from "./presence.ts";
import { postReceipt, setReadMarker } from "./receipts.ts";
import { setTyping } from "./typing.ts";

/** Operations of who talks now, and of who looks for something. */
type LiveOperation = Extract<
  OperationId,
  | "postReceipt"
  | "setReadMarker"
  | "setTyping"
  | "setPresence"
  | "getPresence"
  | "searchUserDirectory"
  | "search"
  | "getRelatingEvents"
  | "getRelatingEventsWithRelType"
  | "getRelatingEventsWithRelTypeAndEventType"
  | "getThreadRoots"
  | "getSpaceHierarchy"
  | "getRoomSummary"
  | "getEventByTimestamp"
  | "getPushers"
  | "getNotifications"
  | "reportEvent"
  | "reportRoom"
  | "reportUser"
  | "getTurnServer"
  | "getProtocols"
  | "changePassword"
  | "requestOpenIdToken"
>;

export const LIVE_OPERATIONS: Readonly<Record<LiveOperation, Performed<OwnCall>>> = {
  postReceipt: own(postReceipt),
  setReadMarker: own(setReadMarker),
  setTyping: own(setTyping),
  setPresence: own(setPresence),
  getPresence: own(getPresence),
  searchUserDirectory: own(searchUserDirectory),
  search: own(search),
  getRelatingEvents: own(getRelations),
  getRelatingEventsWithRelType: own(getRelations),
  getRelatingEventsWithRelTypeAndEventType: own(getRelations),
  getThreadRoots: own(getThreads),
  getSpaceHierarchy: own(getSpaceHierarchy),
  getRoomSummary: own(getRoomSummary),
  getEventByTimestamp: own(getEventByTimestamp),
  // Nobody is pushed to, calls find no relay, and there are no bridges that could be asked.
  getPushers: async () => ({ pushers: [] }),
  getTurnServer: async () => ({}),
  getProtocols: async () => ({}),
  getNotifications: ({ context, live }, call) => getNotifications(context, live, call),
  reportEvent: own(reportEvent),
  reportRoom: own(reportRoom),
  reportUser: own(reportUser),
  changePassword,
  requestOpenIdToken: own(requestOpenIdToken),
};
