import { RecentMap } from "@scop/wire";
import type { Who } from "../context.ts";
import { MatrixFault } from "../http.ts";
import type { Had } from "./room.ts";

/** Connections of all devices, those that were used last. Our own bound: a client whose connection is forgotten begins anew. */
const CONNECTIONS_MAX = 2_000;
/** Characters of the name of a connection. MSC4186 has 16 */
const NAME_CHARACTERS_MAX = 64;

/** What a client had after an answer. */
export interface Told {
  /** 0: nothing yet. */
  readonly position: number;
  readonly live: number;
  readonly rooms: ReadonlyMap<string, Had>;
}

/** The answers of a connection that the client may come back to: the last one, and the one before, whose answer may have been lost. */
interface Connection {
  readonly number: number;
  readonly answers: ReadonlyMap<string, Told>;
}

const NOTHING: Told = { position: 0, live: 0, rooms: new Map() };

/** What clients of sliding sync have. It is not stored: after a restart they begin anew, and lose nothing. */
export class Connections {
  readonly #known: RecentMap<Connection> = new RecentMap(CONNECTIONS_MAX);

  /** What a client had after an answer. Throws `MatrixFault` where that is not known. */
  told(who: Who, name: string, pos: string | undefined): Told {
    if (name.length > NAME_CHARACTERS_MAX)
      throw new MatrixFault(400, "M_INVALID_PARAM", `conn_id has at most ${NAME_CHARACTERS_MAX} characters.`);
    if (pos === undefined) return NOTHING;
    const told = this.#known.get(keyOf(who, name))?.answers.get(pos);
    if (told === undefined)
      throw new MatrixFault(400, "M_UNKNOWN_POS", "The connection is not known any more: begin anew.");
    return told;
  }

  /** Notes what the client has with the next answer; answers its name. */
  next(who: Who, name: string, before: string | undefined, told: Told): string {
    const key = keyOf(who, name);
    const known = this.#known.get(key);
    const number = (known?.number ?? 0) + 1;
    const pos = String(number);
    const last = before === undefined ? undefined : known?.answers.get(before);
    const answers = new Map(last === undefined ? [] : [[before!, last]]).set(pos, told);
    this.#known.set(key, { number, answers });
    return pos;
  }
}

function keyOf({ account, device }: Who, name: string): string {
  return JSON.stringify([account, device, name]);
}
