import type { JsonObject } from "@scop/corpus";
import type { IpText } from "@scop/platform";
import {
  type Extension,
  openServer,
  reply,
  type ServerInput,
  type ServerOptions,
  serverLimits,
  stepServer,
} from "@scop/smtp";
import { concat, latin1 } from "@scop/wire";
import { accepted, base64, type Operations } from "./operation.ts";

const REMOTE = { address: "192.0.2.1" as IpText, port: 40_000 };
const LOCAL = { address: "192.0.2.2" as IpText, port: 25 };

interface AskedServer {
  readonly starttls?: unknown;
  readonly extensions?: readonly Extension[];
}

function optionsOf({ starttls, extensions = [] }: AskedServer): ServerOptions {
  return {
    protocol: "smtp",
    extensions,
    futureRelease: undefined,
    hostname: "mx.example.net",
    tls: starttls === true ? "offered" : "none",
    authRequired: "no",
    mechanisms: [],
    nul: "refuse",
    limits: serverLimits,
  };
}

/** The classes of replies, those of several lines once, the greeting left out. */
function classesOf(said: string): string {
  const lines = said.split("\r\n").filter(line => line !== "" && line[3] !== "-");
  return lines
    .slice(1)
    .map(line => line[0])
    .join("");
}

/** A session with a server that accepts everything that it is asked. */
function converse(options: ServerOptions, pieces: readonly Uint8Array[]): JsonObject {
  let state = openServer(options, { remote: REMOTE, local: LOCAL, tls: undefined });
  let said = "";
  let tls = "none" as "none" | "started" | "obeyed";
  let isOpen = true;
  let body: Uint8Array[] = [];
  const messages: string[] = [];
  const feed = (first: ServerInput): void => {
    for (let input: ServerInput | undefined = first; input !== undefined; ) {
      const step: ReturnType<typeof stepServer> = stepServer(state, input);
      state = step.state;
      input = undefined;
      for (const effect of step.effects) {
        if (tls !== "none" && effect.do !== "timer") tls = "obeyed";
        if (effect.do === "write") said += latin1(effect.bytes);
        else if (effect.do === "body") body.push(effect.bytes.slice());
        else if (effect.do === "abort") body = [];
        else if (effect.do === "start-tls") tls = "started";
        else if (effect.do === "close") isOpen = false;
        else if (effect.do === "ask") {
          if (effect.question.ask === "end") {
            messages.push(base64(concat(body)));
            body = [];
          }
          const isSasl = effect.question.ask === "sasl";
          input = { on: "decision", reply: isSasl ? reply(535, "5.7.8", "No") : undefined };
        }
      }
    }
  };
  feed({ on: "connected" });
  for (const bytes of pieces) if (isOpen && tls === "none") feed({ on: "bytes", bytes });
  return { transactions: messages.length, messages, replies: classesOf(said), obeyed: tls === "obeyed" };
}

/** The octets in pieces of these sizes. */
export function piecesOf(bytes: Uint8Array, params: JsonObject): readonly Uint8Array[] {
  let at = 0;
  return (params["chunks"] as readonly number[]).map(size => {
    at += size;
    return bytes.slice(at - size, at);
  });
}

/** Sessions with the server of `@scop/smtp`. */
export const smtp: Operations = {
  "smtp.session": {
    fields: ["transactions", "messages", "replies", "obeyed"],
    run: (bytes, params) =>
      accepted(converse(optionsOf((params["server"] as AskedServer | undefined) ?? {}), piecesOf(bytes, params))),
  },
};
