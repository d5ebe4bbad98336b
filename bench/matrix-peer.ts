/** A Matrix homeserver that runs. */
export interface MatrixPeer {
  readonly name: string;
  /** Where clients reach it, without a slash at the end. */
  readonly baseUrl: string;
  readonly serverName: string;
  /** The processes whose CPU time, with all their children, counts. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Starts a peer with so many users, `u1` and on, in a folder of its own; a string is why it can't be started here. */
export type StartMatrixPeer = (folder: string, users: number) => Promise<MatrixPeer | string>;

/** The password of all users. */
export const PASSWORD = "a password for measurements";

/** Somebody who is logged in. */
export class MatrixUser {
  readonly #baseUrl: string;
  readonly #token: string;
  #transaction = 0;
  #since: string | undefined;

  private constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  static async login(baseUrl: string, user: string): Promise<MatrixUser> {
    const identifier = { type: "m.id.user", user };
    const body = { type: "m.login.password", identifier, password: PASSWORD };
    const answer = await call(`${baseUrl}/_matrix/client/v3/login`, "POST", undefined, body);
    return new MatrixUser(baseUrl, String(answer["access_token"]));
  }

  /** Makes a room that anybody may join; answers its id. */
  async createRoom(version: string): Promise<string> {
    const answer = await this.#call("POST", "createRoom", { preset: "public_chat", room_version: version });
    return String(answer["room_id"]);
  }

  async join(room: string): Promise<void> {
    await this.#call("POST", `rooms/${encodeURIComponent(room)}/join`, {});
  }

  /** Joins a room of another server. */
  async joinThrough(room: string, server: string): Promise<void> {
    await this.#call("POST", `join/${encodeURIComponent(room)}?server_name=${server}&via=${server}`, {});
  }

  async send(room: string, body: string): Promise<void> {
    this.#transaction += 1;
    const path = `rooms/${encodeURIComponent(room)}/send/m.room.message/${this.#transaction}`;
    await this.#call("PUT", path, { msgtype: "m.text", body });
  }

  /** What happened since the last call; answers how many events were new in a room's timeline. */
  async sync(room: string): Promise<number> {
    const since = this.#since === undefined ? "" : `&since=${encodeURIComponent(this.#since)}`;
    const answer = await this.#call("GET", `sync?timeout=0${since}`, undefined);
    this.#since = String(answer["next_batch"]);
    const { rooms } = answer as { rooms?: { join?: Record<string, { timeline?: { events?: readonly unknown[] } }> } };
    return rooms?.join?.[room]?.timeline?.events?.length ?? 0;
  }

  #call(method: string, path: string, body: object | undefined): Promise<Record<string, unknown>> {
    return call(`${this.#baseUrl}/_matrix/client/v3/${path}`, method, this.#token, body);
  }
}

async function call(
  url: string,
  method: string,
  token: string | undefined,
  body: object | undefined,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
