import { serverOf } from "@scop/matrix/auth";
import { type JsonValue, jsonObject } from "@scop/matrix/json";
import type { Change } from "@scop/store";
import { hexEncode } from "@scop/wire";
import { canonicalText } from "../canonical-text.ts";
import type { Context } from "../context.ts";

/** Octets of randomness in the id of a message between servers: 32 characters. Server-server API, m.direct_to_device */
const MESSAGE_ID_OCTETS = 16;
/** Characters of messages in one EDU; one that is larger goes alone. Our own bound: a transaction has up to 100 EDUs. */
const EDU_CHARACTERS_MAX = 32_768;

/** A message to a device. */
interface Sent {
  readonly user: string;
  readonly device: string;
  readonly json: string;
}

/** What waits to be told to one server. */
interface Parcel {
  readonly messages: Map<string, Map<string, JsonValue>>;
  characters: number;
}

/** Messages of one request to devices of users of other servers, gathered by server. Server-server API, m.direct_to_device */
export class Elsewhere {
  readonly #context: Context;
  readonly #type: string;
  readonly #sender: string;
  readonly #parcels: Map<string, Parcel> = new Map();

  constructor(context: Context, type: string, sender: string) {
    this.#context = context;
    this.#type = type;
    this.#sender = sender;
  }

  /** Whether a user is of another server that can be told. */
  isFor(user: string): boolean {
    const { peers, serverName } = this.#context.options;
    const server = serverOf(user);
    return peers !== undefined && server !== "" && server !== serverName;
  }

  /** Adds a message. Answers what goes out because of it. */
  added({ user, device, json }: Sent, content: JsonValue): readonly Change[] {
    const server = serverOf(user);
    const before = this.#parcels.get(server);
    const isFull = before !== undefined && before.characters + json.length > EDU_CHARACTERS_MAX;
    const parcel = before === undefined || isFull ? { messages: new Map(), characters: 0 } : before;
    const devices: Map<string, JsonValue> = parcel.messages.get(user) ?? new Map();
    parcel.messages.set(user, devices.set(device, content));
    parcel.characters += json.length;
    this.#parcels.set(server, parcel);
    return isFull ? [this.#sent(server, before)] : [];
  }

  /** What goes out of the rest. */
  rest(): readonly Change[] {
    return [...this.#parcels].map(([server, parcel]) => this.#sent(server, parcel));
  }

  #sent(server: string, { messages }: Parcel): Change {
    const content = jsonObject({
      sender: this.#sender,
      type: this.#type,
      message_id: hexEncode(this.#context.io.random.bytes(MESSAGE_ID_OCTETS)),
      messages,
    });
    const json = canonicalText(jsonObject({ edu_type: "m.direct_to_device", content }));
    return { change: "queue-edu", to: [server], json, key: undefined, keep: "always" };
  }
}
