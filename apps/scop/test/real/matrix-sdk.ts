import { setTimeout as sleep } from "node:timers/promises";
import type { SdkCrypto } from "./matrix-sdk-crypto.ts";
import { fromBench } from "./program.ts";
import { PASSWORD } from "./server.ts";

/** What a login answers. */
export interface Login {
  readonly user_id: string;
  readonly access_token: string;
  readonly device_id: string;
}

/** An event as the client has it. */
interface SdkEvent {
  getType(): string;
  /** As it went over the wire: of one that is encrypted not what is in it. */
  getWireType(): string;
  getContent(): { readonly body?: string; readonly msgtype?: string };
  getSender(): string;
  getId(): string;
}

/** A room as the client has it. */
interface SdkRoom {
  readonly roomId: string;
  readonly name: string;
  getMyMembership(): string;
  getJoinedMemberCount(): number;
  getLiveTimeline(): { getEvents(): readonly SdkEvent[] };
  getVersion(): string;
}

/** A client. */
export interface SdkClient {
  loginRequest(data: object): Promise<Login>;
  startClient(options: object): Promise<void>;
  stopClient(): void;
  on(event: string, listener: (value: never) => void): void;
  getRoom(room: string): SdkRoom | null;
  getRooms(): readonly SdkRoom[];
  createRoom(options: object): Promise<{ readonly room_id: string }>;
  invite(room: string, user: string): Promise<object>;
  joinRoom(room: string): Promise<SdkRoom>;
  leave(room: string): Promise<object>;
  kick(room: string, user: string, reason: string): Promise<object>;
  setRoomTopic(room: string, topic: string): Promise<object>;
  setDisplayName(name: string): Promise<object>;
  setAccountData(type: string, content: object): Promise<object>;
  sendTextMessage(room: string, text: string): Promise<{ readonly event_id: string }>;
  scrollback(room: SdkRoom, limit: number): Promise<SdkRoom>;
  whoami(): Promise<{ readonly user_id: string }>;
  logout(stop: boolean): Promise<object>;
  initRustCrypto(options: object): Promise<void>;
  getCrypto(): SdkCrypto | undefined;
}
interface Sdk {
  createClient(options: object): SdkClient;
}

const WAIT_MS_MAX = 20_000;
const LOOK_MS = 25;
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet };
// Its rooms and sessions tell the console everything, whatever logger a client has.
for (const level of ["debug", "info", "log", "warn", "error"] as const) console[level] = () => undefined;
// Nor does it clear what it sets against hanging requests: nobody waits for that.
const setTimer = globalThis.setTimeout;
globalThis.setTimeout = ((...given: Parameters<typeof setTimer>) => setTimer(...given).unref()) as typeof setTimeout;
/** Undefined where it is not installed. */
export const sdk: Sdk | undefined = fromBench<Sdk>("matrix-js-sdk");

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < WAIT_MS_MAX; waited += LOOK_MS) {
    if (await isSo()) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`it did not come to this: ${what}`);
}

/** Logs in with the password of the demonstration. */
export async function logIn(port: number, user: string): Promise<Login> {
  const identifier = { type: "m.id.user", user };
  const asked = { type: "m.login.password", identifier, password: PASSWORD };
  return newClient(port, {}).loginRequest(asked);
}

/** A client that does nothing yet. */
export function newClient(port: number, options: object): SdkClient {
  return sdk!.createClient({ baseUrl: `http://127.0.0.1:${port}`, logger: quiet, ...options });
}

/** The options of a client for a login. */
export function optionsOf(login: Login): object {
  return { accessToken: login.access_token, userId: login.user_id, deviceId: login.device_id };
}

/** Lets a client sync, and waits for the first time. */
export async function start(client: SdkClient, further: object = {}): Promise<void> {
  let state = "";
  client.on("sync", (now: string) => {
    state = now;
  });
  await client.startClient({ initialSyncLimit: 20, lazyLoadMembers: true, ...further });
  await until("the first sync", () => state === "PREPARED" || state === "SYNCING");
}

/** The texts of a room that a client can read. */
export function textsOf(client: SdkClient, room: string): readonly string[] {
  return (client.getRoom(room)?.getLiveTimeline().getEvents() ?? [])
    .filter(each => each.getType() === "m.room.message")
    .map(each => each.getContent().body ?? "");
}
