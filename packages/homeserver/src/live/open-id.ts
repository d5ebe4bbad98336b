import type { Instant } from "@scop/platform";
import { hexEncode, RecentMap } from "@scop/wire";
import { type Answered, type Call, type Context, type HomeserverIo, type OwnCall, queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";

/** How long a token is good for, and how many are at a time. Our own bounds. */
const KEPT_MS = 3_600_000;
const TOKENS_MAX = 10_000;
const TOKEN_OCTETS = 24;

/** Tokens by which somebody shows another service who they are. Nothing else can be done with them. */
export class OpenIdTokens {
  readonly #io: Pick<HomeserverIo, "clock" | "random">;
  readonly #users: RecentMap<{ readonly user: string; readonly until: Instant }> = new RecentMap(TOKENS_MAX);

  constructor(io: Pick<HomeserverIo, "clock" | "random">) {
    this.#io = io;
  }

  give(user: string): string {
    const token = hexEncode(this.#io.random.bytes(TOKEN_OCTETS));
    this.#users.set(token, { user, until: this.#io.clock.now() + KEPT_MS });
    return token;
  }

  /** Whose token it is, while it is good. */
  user(token: string): string | undefined {
    const known = this.#users.get(token);
    return known === undefined || known.until <= this.#io.clock.now() ? undefined : known.user;
  }
}

/** `POST /user/{userId}/openid/request_token` */
export async function requestOpenIdToken({ options, heard }: Context, call: OwnCall): Answered {
  if (call.path.get("userId") !== call.who.user)
    throw new MatrixFault(403, "M_FORBIDDEN", "You show who you are for yourself alone.");
  return {
    access_token: heard.openIds.give(call.who.user),
    token_type: "Bearer",
    matrix_server_name: options.serverName,
    expires_in: KEPT_MS / 1000,
  };
}

/** `GET /_matrix/federation/v1/openid/userinfo`: whose a token is, for the service that was given it. */
export async function exchangeOpenIdToken({ heard }: Context, call: Call): Answered {
  const user = heard.openIds.user(queryText(call, "access_token")!);
  if (user === undefined) throw new MatrixFault(401, "M_UNKNOWN_TOKEN", "The token is not known, or its time is over.");
  return { sub: user };
}
