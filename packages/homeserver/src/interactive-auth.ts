import { canonicalJson, objectAt, textAt } from "@scop/matrix/json";
import { equalBytes, hexEncode, utf8Bytes } from "@scop/wire";
import type { Context, OwnCall } from "./context.ts";
import { MatrixFault } from "./http.ts";
import { checkedIdentity } from "./login.ts";
import { userIdOf } from "./user-id.ts";

const KEY_OCTETS = 32;
const FLOW = { flows: [{ stages: ["m.login.password"] }], params: {}, completed: [] };

/**
 * Asks for the password again where a token alone is not enough. Nothing is kept of who began: a session is an authentication code over the
 * request that it belongs to, so that it is of use for no other one. Client-server API, User-Interactive Authentication
 */
export class InteractiveAuth {
  readonly #context: Context;
  /** Sessions end with the process. */
  readonly #key: Uint8Array;

  constructor(context: Context) {
    this.#context = context;
    this.#key = context.io.random.bytes(KEY_OCTETS);
  }

  /** Returns when the request brought the password of who asks. Throws `MatrixFault`: 401 with what has to be done. */
  async prove(operation: string, call: OwnCall): Promise<void> {
    const session = this.#sessionOf(operation, call);
    const auth = objectAt(call.body, "auth");
    const given = auth && textAt(auth, "session");
    if (auth === undefined || textAt(auth, "type") !== "m.login.password") {
      throw new MatrixFault(401, "M_FORBIDDEN", "The password is needed too.", { ...FLOW, session });
    }
    // Who knows what has to be done may come without one.
    if (given !== undefined && !equalBytes(utf8Bytes(given), utf8Bytes(session))) {
      throw new MatrixFault(401, "M_FORBIDDEN", "The session is of another request.", { ...FLOW, session });
    }
    const identity = await checkedIdentity(this.#context, auth, call.peer).catch((error: unknown) => {
      if (!(error instanceof MatrixFault) || error.status !== 403) throw error;
      throw new MatrixFault(401, error.errcode, error.message, { ...FLOW, session });
    });
    if (userIdOf(identity, this.#context.options.serverName) !== call.who.user) {
      throw new MatrixFault(401, "M_FORBIDDEN", "The password is of somebody else.", { ...FLOW, session });
    }
  }

  #sessionOf(operation: string, { who, path, body }: OwnCall): string {
    const asked = new Map(body);
    asked.delete("auth");
    const of = [operation, who.account, who.device, [...path].flat(), asked];
    return hexEncode(this.#context.io.crypto.hmacSha256(this.#key, canonicalJson(of)));
  }
}
