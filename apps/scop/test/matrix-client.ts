import type { ServerProcess } from "../crash/server-process.ts";

/** What was answered. */
interface Answered {
  readonly status: number;
  readonly cors: string | null;
  readonly body: ReturnType<typeof JSON.parse>;
}

/** Asks for something. */
type Ask = (method: string, path: string, token?: string, body?: object) => Promise<Answered>;

/** Asks a server that was started, below `/_matrix/client`. */
export function matrixClient(server: ServerProcess): Ask {
  return async (method: string, path: string, token?: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${server.ports.http}/_matrix/client${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      cors: answer.headers.get("access-control-allow-origin"),
      body: await answer.json(),
    };
  };
}

/** What somebody of the demonstration logs in with. */
export function loginOf(user: string): object {
  return { type: "m.login.password", identifier: { type: "m.id.user", user }, password: "scop" };
}
