import { unreachable } from "@scop/wire";
import { answer, fault, finish, perform, send, status } from "./answer.ts";
import { beginAppend } from "./append-job.ts";
import { capabilitiesOf } from "./capability.ts";
import type { Command, CommandOf } from "./command.ts";
import { authenticate, idle, login, startTls } from "./connection-commands.ts";
import { compress } from "./extensions/compress.ts";
import { enableNamed } from "./extensions/enable.ts";
import { notify } from "./extensions/notify.ts";
import { askQuota } from "./extensions/quota.ts";
import { beginFetch } from "./fetch-job.ts";
import { listMailboxes } from "./list-commands.ts";
import { changeMailbox, closeMailbox, mailboxStatus, selectMailbox, unselect } from "./mailbox-commands.ts";
import { copyMessages, expungeMessages, storeFlags } from "./message-commands.ts";
import { beginSearch } from "./search-job.ts";
import type { Phase, Turn } from "./session.ts";

type At = Phase["at"];

const ANY: readonly At[] = ["not-authenticated", "authenticated", "selected"];
const BEFORE: readonly At[] = ["not-authenticated"];
const AFTER: readonly At[] = ["authenticated", "selected"];
const SELECTED: readonly At[] = ["selected"];

/** Which command is allowed where. RFC 3501 6; NAMESPACE RFC 2342 5, UNSELECT RFC 3691 2, IDLE RFC 2177 3, ENABLE RFC 5161 3.1 */
export const transitions: Readonly<Record<Command["command"], readonly At[]>> = {
  CAPABILITY: ANY,
  NOOP: ANY,
  LOGOUT: ANY,
  ID: ANY,
  STARTTLS: BEFORE,
  AUTHENTICATE: BEFORE,
  LOGIN: BEFORE,
  // RFC 5161 3.1: only in the authenticated state.
  ENABLE: ["authenticated"],
  SELECT: AFTER,
  EXAMINE: AFTER,
  CREATE: AFTER,
  DELETE: AFTER,
  RENAME: AFTER,
  SUBSCRIBE: AFTER,
  UNSUBSCRIBE: AFTER,
  LIST: AFTER,
  LSUB: AFTER,
  NAMESPACE: AFTER,
  COMPRESS: AFTER,
  NOTIFY: AFTER,
  GETQUOTA: AFTER,
  GETQUOTAROOT: AFTER,
  STATUS: AFTER,
  APPEND: AFTER,
  IDLE: AFTER,
  CHECK: SELECTED,
  CLOSE: SELECTED,
  UNSELECT: SELECTED,
  EXPUNGE: SELECTED,
  SEARCH: SELECTED,
  SORT: SELECTED,
  THREAD: SELECTED,
  FETCH: SELECTED,
  STORE: SELECTED,
  COPY: SELECTED,
  MOVE: SELECTED,
};

/** Begins a command. */
export function runCommand(turn: Turn, tag: string, command: Command): undefined {
  if (!transitions[command.command].includes(turn.phase.at)) {
    return fault(turn, tag, { code: `not-allowed-while-${turn.phase.at}`, offset: 0, length: 0, rule: "RFC 3501 3" });
  }
  switch (command.command) {
    case "STARTTLS":
      return startTls(turn, tag);
    case "AUTHENTICATE":
      return authenticate(turn, tag, command);
    case "LOGIN":
      return login(turn, tag, command.user, command.password);
    case "IDLE":
      return idle(turn, tag);
    case "SELECT":
    case "EXAMINE":
      return selectMailbox(turn, tag, command);
    case "CREATE":
    case "DELETE":
    case "RENAME":
    case "SUBSCRIBE":
    case "UNSUBSCRIBE":
      return changeMailbox(turn, tag, command);
    case "LIST":
    case "LSUB":
      return listMailboxes(turn, tag, command);
    case "NOTIFY":
      return notify(turn, tag, command);
    case "COMPRESS":
      return compress(turn, tag);
    case "APPEND":
      return beginAppend(turn, tag, command.mailbox, command.steps, undefined);
    case "GETQUOTA":
    case "GETQUOTAROOT":
      return askQuota(turn, tag, command);
    case "STATUS":
      return mailboxStatus(turn, tag, command);
    case "CLOSE":
      return closeMailbox(turn, tag);
    case "UNSELECT":
      unselect(turn);
      return answer(turn, status(tag, "OK", "UNSELECT completed"));
    case "EXPUNGE":
      return expungeMessages(turn, tag, command.set);
    case "SEARCH":
    case "SORT":
    case "THREAD":
      return beginSearch(turn, tag, command);
    case "FETCH":
      return beginFetch(turn, tag, command);
    case "STORE":
      return storeFlags(turn, tag, command);
    case "COPY":
    case "MOVE":
      return copyMessages(turn, tag, command);
    default:
      return runSimple(turn, tag, command);
  }
}

type SimpleCommand = CommandOf<"CAPABILITY" | "NOOP" | "CHECK" | "LOGOUT" | "NAMESPACE" | "ID" | "ENABLE">;

/** Commands that are answered without asking anybody, except for what changed in the mailbox. */
function runSimple(turn: Turn, tag: string, command: SimpleCommand): undefined {
  switch (command.command) {
    case "LOGOUT":
      send(turn, status("*", "BYE", "Logging out"));
      send(turn, status(tag, "OK", "LOGOUT completed"));
      perform(turn, { do: "close" });
      turn.phase = { at: "logout" };
      turn.job = { job: "bye" };
      return;
    case "CAPABILITY":
      send(turn, { response: "capability", capabilities: capabilitiesOf(turn) });
      break;
    case "NOOP":
    case "CHECK":
      turn.dirty = true;
      break;
    case "NAMESPACE":
      send(turn, { response: "namespace", prefix: "", delimiter: "/" });
      break;
    case "ID":
      send(turn, { response: "id", parameters: [["name", "SCoP"]] });
      break;
    case "ENABLE":
      enableNamed(turn, command.capabilities);
      break;
    default:
      return unreachable(command);
  }
  finish(turn, status(tag, "OK", `${command.command} completed`));
}
