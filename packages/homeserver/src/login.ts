import { type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import { concat, hexEncode, utf8Bytes } from "@scop/wire";
import type { Answered, Call, Context, OwnCall, Who } from "./context.ts";
import { checkedName, placeForDevice, removal } from "./devices.ts";
import { deviceListChange } from "./encryption/news.ts";
import { MatrixFault } from "./http.ts";
import { addressOfLogin, userIdOf } from "./user-id.ts";

/** Octets of randomness in a token. */
const TOKEN_OCTETS = 32;
const DEVICE_OCTETS = 5;
/** Characters of a device id that a client may choose. Our own bound. */
const DEVICE_CHARACTERS_MAX = 255;
const NUL: Uint8Array = new Uint8Array(1);

/** `GET /login`: passwords alone. */
export async function getLoginFlows(): Answered {
  return { flows: [{ type: "m.login.password" }] };
}

/** `POST /login` */
export async function login(context: Context, call: Call): Answered {
  const { io, store, options } = context;
  if (textAt(call.body, "type") !== "m.login.password") {
    throw new MatrixFault(400, "M_UNKNOWN", "Only m.login.password is served.");
  }
  const identity = await checkedIdentity(context, call.body, call.peer);
  const account = await store.accountByAddress(identity);
  const user = userIdOf(identity, options.serverName);
  if (account === undefined || user === undefined) {
    throw new MatrixFault(
      403,
      "M_FORBIDDEN",
      `Only accounts of ${options.serverName} with plain letters are users of Matrix.`,
    );
  }
  const device = textAt(call.body, "device_id") ?? hexEncode(io.random.bytes(DEVICE_OCTETS)).toUpperCase();
  if (device === "" || device.length > DEVICE_CHARACTERS_MAX) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "A device id has 1 to 255 characters.");
  }
  const displayName = checkedName(textAt(call.body, "initial_device_display_name"));
  const token = `scop_${hexEncode(io.random.bytes(TOKEN_OCTETS))}`;
  const hash = hashOf(context, token);
  const answer = await store.transaction({
    changes: [
      ...(await placeForDevice(context, { account: account.id, user }, device)),
      { change: "add-login", account: account.id, device, displayName, token: hash },
      deviceListChange(user),
    ],
  });
  if (!answer.ok) throw new MatrixFault(403, "M_FORBIDDEN", "The account was removed.");
  return {
    user_id: user,
    access_token: token,
    device_id: device,
    home_server: options.serverName,
    well_known: { "m.homeserver": { base_url: options.baseUrl() } },
  };
}

/** The account whose password was given. Who does not exist takes as long as who does. Throws `MatrixFault`. */
export async function checkedIdentity({ options }: Context, given: JsonObject, peer: string): Promise<string> {
  const identifier = objectAt(given, "identifier");
  const isUser = identifier === undefined || textAt(identifier, "type") === "m.id.user";
  const name = identifier === undefined ? textAt(given, "user") : textAt(identifier, "user");
  const password = textAt(given, "password");
  if (!isUser) throw new MatrixFault(400, "M_UNKNOWN", "Only m.id.user is served.");
  if (name === undefined) throw new MatrixFault(400, "M_MISSING_PARAM", "identifier.user is missing.");
  if (password === undefined) throw new MatrixFault(400, "M_MISSING_PARAM", "password is missing.");
  const wrong = new MatrixFault(403, "M_FORBIDDEN", "The user or the password is wrong.");
  const address = addressOfLogin(name, options.serverName);
  if (address === undefined) throw wrong;
  const exchange = options.authenticator(peer).start("PLAIN");
  // RFC 4616 2
  const message = concat([NUL, utf8Bytes(address), NUL, utf8Bytes(password)]);
  const answer = await exchange?.next(message);
  if (answer?.answer === "done") return answer.identity;
  if (answer?.answer === "failed" && answer.failure.reason === "unavailable") {
    throw new MatrixFault(429, "M_LIMIT_EXCEEDED", "Too many tries: come again later.");
  }
  throw wrong;
}

/** `POST /register`: accounts are made by whoever runs the server. */
export async function register(): Answered {
  throw new MatrixFault(403, "M_FORBIDDEN", "Accounts are made by the owner of the server: npx scop account add.");
}

/** `GET /register/available`: which accounts there are is not told. */
export const checkUsername: () => Answered = register;

/** `POST /refresh`: none of our tokens ends by time, and none is refreshed. */
export async function refresh(): Answered {
  throw new MatrixFault(401, "M_UNKNOWN_TOKEN", "The token is not known.");
}

/** `POST /logout` */
export async function logout(context: Context, { who }: OwnCall): Answered {
  await context.store.transaction({ changes: await removal(context, who, new Set([who.device])) });
  return {};
}

/** `POST /logout/all` */
export async function logoutAll(context: Context, { who }: OwnCall): Answered {
  await context.store.transaction({ changes: await removal(context, who, "all") });
  return {};
}

/** `GET /account/whoami` */
export async function getTokenOwner(_context: Context, { who }: OwnCall): Answered {
  return { user_id: who.user, device_id: who.device, is_guest: false };
}

/** Who asks, by the token in the `Authorization` field and nowhere else. Client-server API, client authentication */
export async function whoAsks(context: Context, authorization: string | undefined): Promise<Who> {
  const [, token] = /^Bearer +([!-~]+)$/i.exec(authorization ?? "") ?? [];
  if (token === undefined) {
    throw new MatrixFault(
      401,
      "M_MISSING_TOKEN",
      "The Authorization field has no token. In the query none is looked for.",
    );
  }
  const known = await context.store.token(hashOf(context, token));
  const user = known && userIdOf(known.address, context.options.serverName);
  if (known === undefined || user === undefined)
    throw new MatrixFault(401, "M_UNKNOWN_TOKEN", "The token is not known.");
  return { account: known.account, user, device: known.device };
}

/** Whether a device that has waited may still be answered. Throws `MatrixFault`. */
export async function mustBeLoggedIn({ store }: Context, { account, device }: Who): Promise<void> {
  if ((await store.devices(account)).some(each => each.device === device)) return;
  throw new MatrixFault(401, "M_UNKNOWN_TOKEN", "The device was logged out.");
}

function hashOf({ io }: Context, token: string): Uint8Array {
  return io.crypto.sha256(utf8Bytes(token));
}
