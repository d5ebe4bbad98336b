import { type JsonObject, jsonObject } from "@scop/matrix/json";
import { type RoomReads, type RoomRecord, StoreUnavailable } from "@scop/store";
import { type Desk, type DeskState, membersOf, notice, perform, STATE_TYPE, stateChange, stateOf } from "./desk.ts";
import { EVENTS_A_STEP, MAILS_A_STEP } from "./limits.ts";
import { Pace } from "./pace.ts";
import { mailOf } from "./to-mail.ts";
import { showMail } from "./to-room.ts";

/** One address and its room. */
export class Bridge {
  readonly #desk: Desk;
  readonly #pace: Pace;
  #room: string | undefined;
  /** Of the mailbox: what changed before it was looked at. */
  #modseq = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#pace = new Pace(desk.parts.io.clock);
  }

  /** Undefined until it is known. */
  get room(): string | undefined {
    return this.#room;
  }

  /** Goes one step on; answers whether there is more to do now. Rejects as the store does. */
  async step(): Promise<boolean> {
    const { parts, account } = this.#desk;
    const members = await membersOf(parts.store, account);
    if (members === undefined) return false;
    const before = await stateOf(parts.store, account);
    if (before === undefined && members.length === 0) return false;
    const state = before ?? (await this.#open(members));
    this.#room = state.room;
    const invited = await this.#invite(state, members);
    if (members.length === 0) return false;
    const shown = await this.#showMails(invited);
    return this.#sendMails(shown.state, shown.hasMore);
  }

  /** Makes the room, or finds the one that was made before a crash. What came before it is not shown. */
  async #open(members: readonly string[]): Promise<DeskState> {
    const { parts, account, inbox } = this.#desk;
    const uid = (await parts.store.entries(inbox)).reduce((most, entry) => Math.max(most, entry.uid), 0);
    const position = await parts.store.streamPosition();
    const room = (await this.#known(parts.store)) ?? (await this.#made(members));
    const state = { room, members, uid, position };
    await this.#keep(state);
    parts.io.log.write("info", "an address has a room", { address: account.address, room });
    return state;
  }

  async #known(store: RoomReads): Promise<string | undefined> {
    for (const { room, membership } of await store.roomsOf(this.#desk.user)) {
      const record = membership === "join" ? await store.room(room) : undefined;
      if (record && (await store.stateEvent(record.state, STATE_TYPE, ""))) return room;
    }
    return undefined;
  }

  async #made(members: readonly string[]): Promise<string> {
    const { user, account } = this.#desk;
    const { address } = account;
    const mark = jsonObject({ type: STATE_TYPE, state_key: "", content: jsonObject({ address }) });
    const topic = `Mail to ${address} is shown here. Answer in its thread, and the answer goes out by mail. A new message: !mail bob@example.org: Subject`;
    const body: JsonObject = jsonObject({
      name: address,
      topic,
      preset: "private_chat",
      invite: members,
      initial_state: [mark],
    });
    const answer = await perform(this.#desk, user, "createRoom", { body });
    return "room_id" in answer ? String(answer.room_id) : "";
  }

  /** Asks in who is new, and takes out who is none of them any more. */
  async #invite(state: DeskState, members: readonly string[]): Promise<DeskState> {
    const added = members.filter(each => !state.members.includes(each));
    const gone = state.members.filter(each => !members.includes(each));
    if (added.length === 0 && gone.length === 0) return state;
    for (const member of added) await this.#change("inviteUser", state.room, member);
    for (const member of gone) await this.#change("kick", state.room, member);
    const next = { ...state, members };
    await this.#keep(next);
    return next;
  }

  /** Who is in already, or never came, is no reason to stop. */
  async #change(operation: "inviteUser" | "kick", room: string, member: string): Promise<void> {
    try {
      await perform(this.#desk, this.#desk.user, operation, {
        path: { roomId: room },
        body: jsonObject({ user_id: member }),
      });
    } catch (error) {
      // It is tried again: who is not asked in now would never be.
      if (error instanceof StoreUnavailable) throw error;
      this.#desk.parts.io.log.write("warn", "a member of a room was not changed", {
        member,
        operation,
        error: String(error),
      });
    }
  }

  async #showMails(state: DeskState): Promise<{ readonly state: DeskState; readonly hasMore: boolean }> {
    const { parts, inbox } = this.#desk;
    const changed = await parts.store.entries(inbox, this.#modseq);
    const entries = changed.filter(({ uid }) => uid > state.uid);
    let last = state;
    for (const entry of entries.slice(0, MAILS_A_STEP)) {
      const room = await this.#record(last);
      if (room === undefined) return { state: last, hasMore: false };
      const changes = await showMail(this.#desk, room, this.#pace, entry);
      last = { ...last, uid: entry.uid };
      await parts.store.transaction({ changes: [...changes, stateChange(this.#desk, last)] });
    }
    const hasMore = entries.length > MAILS_A_STEP;
    if (!hasMore) this.#modseq = changed.reduce((most, { modseq }) => Math.max(most, modseq), this.#modseq);
    return { state: last, hasMore };
  }

  async #sendMails(state: DeskState, hasMore: boolean): Promise<boolean> {
    const { store, mta } = this.#desk.parts;
    const end = await store.streamPosition();
    const room = await this.#record(state);
    if (room === undefined) return hasMore;
    const range = { after: state.position, upTo: end, order: "rising", limit: EVENTS_A_STEP } as const;
    const records = await store.roomEvents(state.room, range);
    for (const record of records) {
      const mail = await mailOf(this.#desk, room, record);
      if (mail === undefined) continue;
      // All of it at once: it goes out once, whatever happens.
      const passed = stateChange(this.#desk, { ...state, position: record.position });
      const done = await store.transaction({ blobs: mail.blobs, changes: [...mail.changes, passed] });
      if (!done.ok) {
        this.#desk.parts.io.log.write("warn", "what was said in a room did not go out", {
          event: record.event,
          refusal: done.refusal,
        });
        const body = "This did not go out by mail. Say it again.";
        await notice(this.#desk, room.room, { transaction: `refused-${record.event}`, body, root: undefined });
        continue;
      }
      mta.wake();
      await mail.sent();
    }
    const isFull = records.length === EVENTS_A_STEP;
    const position = isFull ? records.at(-1)!.position : end;
    if (records.length > 0) await this.#keep({ ...state, position });
    return hasMore || isFull;
  }

  #record({ room }: DeskState): Promise<RoomRecord | undefined> {
    return this.#desk.parts.store.room(room);
  }

  async #keep(state: DeskState): Promise<void> {
    await this.#desk.parts.store.transaction({ changes: [stateChange(this.#desk, state)] });
  }
}
