import type { RoomReads } from "../index.ts";
import { chatReadsOf } from "./chat-reads.ts";
import type { SqliteEngine } from "./engine.ts";
import { accountData, devices, filterOf, profileOf, tokenOf } from "./logins.ts";
import { lastMailLink, mailLink, mailLinkOfEvent } from "./mail-links.ts";
import { peerReadsOf } from "./peer-reads.ts";
import {
  isRoomEdge,
  room,
  roomEdges,
  roomEvent,
  roomEvents,
  roomMembers,
  roomOfEvent,
  roomServers,
  roomsOf,
  stateEntries,
  stateEvent,
  stateEvents,
  strippedState,
} from "./room-reads.ts";
import { streamPosition } from "./rooms.ts";

/** What is read of rooms and of those who log in, answered between the batches. */
export function roomReadsOf(engine: Pick<SqliteEngine, "read">): RoomReads {
  return {
    streamPosition: () => engine.read(streamPosition),
    room: name => engine.read(db => room(db, name)),
    roomEvent: (name, event) => engine.read(db => roomEvent(db, name, event)),
    roomEvents: (name, range) => engine.read(db => roomEvents(db, name, range)),
    roomMembers: name => engine.read(db => roomMembers(db, name)),
    roomsOf: user => engine.read(db => roomsOf(db, user)),
    stateEvent: (state, type, stateKey) => engine.read(db => stateEvent(db, state, type, stateKey)),
    stateEvents: (state, notIn) => engine.read(db => stateEvents(db, state, notIn)),
    stateEntries: state => engine.read(db => stateEntries(db, state)),
    roomServers: name => engine.read(db => roomServers(db, name)),
    roomOfEvent: event => engine.read(db => roomOfEvent(db, event)),
    roomEdges: (name, limit) => engine.read(db => roomEdges(db, name, limit)),
    isRoomEdge: (name, event) => engine.read(db => isRoomEdge(db, name, event)),
    strippedState: (name, user) => engine.read(db => strippedState(db, name, user)),
    token: hash => engine.read(db => tokenOf(db, hash)),
    devices: account => engine.read(db => devices(db, account)),
    accountData: (account, after) => engine.read(db => accountData(db, account, after)),
    filter: (account, filter) => engine.read(db => filterOf(db, account, filter)),
    ...chatReadsOf(engine),
    ...peerReadsOf(engine),
    profile: account => engine.read(db => profileOf(db, account)),
    mailLink: (account, messageId) => engine.read(db => mailLink(db, account, messageId)),
    mailLinkOfEvent: (account, event) => engine.read(db => mailLinkOfEvent(db, account, event)),
    lastMailLink: (account, thread, origin) => engine.read(db => lastMailLink(db, account, thread, origin)),
  };
}
