import { canonicalText } from "../canonical-text.ts";
import { type Answered, type Context, type PeerCall, queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { fieldsObject, ownFields } from "../profile.ts";
import { PROFILE_MS_MAX } from "./limits.ts";
import { PeerFault, type Peers } from "./port.ts";

/** `GET /_matrix/federation/v1/query/profile` */
export async function queryProfile(context: Context, call: PeerCall): Answered {
  const fields = await ownFields(context, queryText(call, "user_id")!);
  const field = queryText(call, "field");
  const json = field === undefined ? undefined : fields.get(field);
  if (field === undefined) return fieldsObject(fields);
  return json === undefined ? {} : { [field]: JSON.parse(json) };
}

/** What the server of a user says of the profile, as JSON by field. Throws `MatrixFault`: 404 where it has no such user, 502 where it does not say. */
export async function profileAt(
  peers: Peers,
  server: string,
  user: string,
  field: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const query = `user_id=${encodeURIComponent(user)}${field === undefined ? "" : `&field=${encodeURIComponent(field)}`}`;
  const target = `/_matrix/federation/v1/query/profile?${query}`;
  try {
    const said = await peers.ask(server, { method: "GET", target, body: undefined, timeoutMs: PROFILE_MS_MAX });
    return new Map([...said].map(([name, value]) => [name, canonicalText(value)]));
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
    if (error.status === 404) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such user.");
    throw new MatrixFault(502, "M_UNKNOWN", "The server of this user does not say.");
  }
}
