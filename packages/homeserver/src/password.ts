import { textAt } from "@scop/matrix/json";
import { Overloaded } from "@scop/platform";
import { deriveVerifier } from "@scop/sasl";
import type { Answered, OwnCall } from "./context.ts";
import { removal } from "./devices.ts";
import { MatrixFault } from "./http.ts";
import type { Parts } from "./performed.ts";

/** Characters of a new password. Our own bound: the shortest that is no invitation to guess. */
const PASSWORD_CHARACTERS_MIN = 8;

/**
 * `POST /account/password`: that of the mail account too, for there is but one. Asks for the old one; all other devices are logged out unless
 * they shall not be.
 */
export async function changePassword({ context, auth }: Parts, call: OwnCall): Answered {
  const password = textAt(call.body, "new_password");
  if (password === undefined) throw new MatrixFault(400, "M_MISSING_PARAM", "new_password is missing.");
  if (password.length < PASSWORD_CHARACTERS_MIN)
    throw new MatrixFault(400, "M_WEAK_PASSWORD", `A password has at least ${PASSWORD_CHARACTERS_MIN} characters.`);
  await auth.prove("changePassword", call);
  const { account, device } = call.who;
  const verifier = await deriveVerifier(context.io, password).catch((error: unknown) => {
    if (error instanceof RangeError) throw new MatrixFault(400, "M_WEAK_PASSWORD", "That can't be a password.");
    if (error instanceof Overloaded) throw new MatrixFault(429, "M_LIMIT_EXCEEDED", "Too busy: try again.");
    throw error;
  });
  const others = (await context.store.devices(account)).map(each => each.device).filter(each => each !== device);
  const gone = call.body.get("logout_devices") === false ? [] : others;
  const removed = await removal(context, call.who, new Set(gone));
  const answer = await context.store.transaction({
    changes: [{ change: "set-verifier", account, verifier }, ...removed],
  });
  if (!answer.ok) throw new MatrixFault(409, "M_UNKNOWN", "A device was logged out meanwhile: try again.");
  return {};
}
