import { type Diagnostic, describe, Writer } from "@scop/wire";
import type { BackendFailure } from "./backend.ts";
import { nameFormOf, sendRecent } from "./extensions/imap4rev2.ts";
import { VANISHED_UIDS_MAX, WRITE_OCTETS } from "./limits.ts";
import { BAD_CHARSET } from "./parse-search.ts";
import type { FetchData, Response, ResponseCode, StatusResponse } from "./response.ts";
import { writeResponse } from "./serialise.ts";
import type { Effect, Question, Turn } from "./session.ts";
import { type Dropped, dropGone, type Update, type View, viewFlags } from "./view.ts";

/** Adds a response to what is written next. */
export function send(turn: Turn, response: Response): undefined {
  writeResponse(turn.writer, response, nameFormOf(turn));
}

/** Hands what was gathered to the host. */
export function flush(turn: Turn): undefined {
  if (turn.writer.octets === 0) return;
  turn.effects.push({ do: "write", bytes: turn.writer.chunks() });
  turn.writer = new Writer();
}

/** Whether so much is gathered that it goes out before more is made. */
export function isFull(turn: Turn): boolean {
  return turn.writer.octets >= WRITE_OCTETS;
}

/** Anything but a write, behind what was gathered before it. */
export function perform(turn: Turn, effect: Effect): undefined {
  flush(turn);
  turn.effects.push(effect);
}

/** A question to the provider of mailboxes. */
export function ask(turn: Turn, question: Question): undefined {
  perform(turn, { do: "ask", question });
}

/** A status response as data. */
export function status(tag: string, word: StatusResponse["status"], text: string, code?: ResponseCode): StatusResponse {
  return { response: "status", tag, status: word, code, text };
}

const failureText: Record<BackendFailure, { readonly code: ResponseCode; readonly text: string }> = {
  exists: { code: { code: "ALREADYEXISTS" }, text: "A mailbox of this name exists" },
  missing: { code: { code: "NONEXISTENT" }, text: "There is no such mailbox" },
  "in-use": { code: { code: "CANNOT" }, text: "INBOX stays" },
  // RFC 9051 7.1
  "has-children": { code: { code: "HASCHILDREN" }, text: "A mailbox with others under it stays" },
  "invalid-name": { code: { code: "CANNOT" }, text: "This can't be the name of a mailbox" },
  "invalid-use": { code: { code: "USEATTR" }, text: "No mailbox can be made for this use" },
  "over-quota": { code: { code: "OVERQUOTA" }, text: "There is no room left" },
  unavailable: { code: { code: "UNAVAILABLE" }, text: "This is not possible right now; try again later" },
  corrupt: { code: { code: "CORRUPTION" }, text: "What is stored can't be read" },
};

/** The one map from what a provider refuses to the wire. RFC 5530 3 */
export function refusal(tag: string, failure: BackendFailure): StatusResponse {
  const { code, text } = failureText[failure];
  return status(tag, "NO", text, code);
}

/** As `refusal`, where a missing mailbox can be created by the client. RFC 3501 6.3.11 */
export function refusalOfTarget(tag: string, failure: BackendFailure): StatusResponse {
  if (failure !== "missing") return refusal(tag, failure);
  return status(tag, "NO", failureText.missing.text, { code: "TRYCREATE" });
}

/** Ends the connection with a last word. RFC 3501 7.1.5 */
export function bye(turn: Turn, text: string, code?: ResponseCode): undefined {
  send(turn, status("*", "BYE", text, code));
  perform(turn, { do: "close" });
  turn.phase = { at: "logout" };
  turn.job = { job: "bye" };
}

/** Ends a command at once. */
export function answer(turn: Turn, done: StatusResponse): undefined {
  turn.job = { job: "none" };
  if (done.code?.code !== "HIGHESTMODSEQ" || turn.phase.at !== "selected") return send(turn, done);
  // RFC 7162 3.2.7: everything up to here was told.
  send(turn, { ...done, code: { code: "HIGHESTMODSEQ", number: turn.phase.view.modseq } });
}

/**
 * Ends a command: before its answer the client is told what changed. `later` keeps EXPUNGE back, which must not be sent during FETCH,
 * STORE and SEARCH (RFC 3501 7.4.1).
 */
export function finish(turn: Turn, done: StatusResponse, expunges: "now" | "later" = "now"): undefined {
  if (turn.phase.at !== "selected") return answer(turn, done);
  if (turn.dirty) {
    turn.dirty = false;
    turn.job = { job: "sync", done, expunges };
    ask(turn, { ask: "changes", mailbox: turn.phase.view.mailbox, since: turn.phase.view.modseq });
    return;
  }
  if (expunges === "now") announceGone(turn, turn.phase.view);
  answer(turn, done);
}

/** Tells the client of messages that went. */
export function announceGone(turn: Turn, view: View): undefined {
  const dropped = dropGone(view);
  sendDropped(turn, dropped);
  turn.phase = { at: "selected", view: dropped.view };
}

/** EXPUNGE, or VANISHED where the client wants it. RFC 7162 3.2.10 */
function sendDropped(turn: Turn, { numbers, uids }: Dropped): undefined {
  if (turn.enabled.has("QRESYNC")) return sendVanished(turn, "now", uids);
  for (const number of numbers) send(turn, { response: "expunge", number });
}

/** VANISHED for messages that went just now or (`earlier`) before, in lines of a bounded length. RFC 7162 3.2.10 */
export function sendVanished(turn: Turn, when: "earlier" | "now", uids: readonly number[]): undefined {
  for (let from = 0; from < uids.length; from += VANISHED_UIDS_MAX) {
    send(turn, { response: "vanished", when, uids: uids.slice(from, from + VANISHED_UIDS_MAX) });
  }
}

/**
 * Tells the client what is new in its view; flags are told with the UID, which RFC 3501 7.4.2 allows. Who knows them, because it set them
 * with `.SILENT`, has to learn the mod-sequences all the same. RFC 7162 3.1.3
 */
export function announceUpdate(
  turn: Turn,
  update: Update,
  expunges: "now" | "later",
  known: "flags" | "none" = "none",
): undefined {
  let view = update.view;
  if (update.newKeywords) {
    send(turn, { response: "flags", flags: viewFlags(view) });
    sendPermanentFlags(turn, view);
  }
  const tellsModseq = turn.enabled.has("CONDSTORE");
  for (const index of tellsModseq ? update.marks : update.flags) {
    const entry = view.entries[index]!;
    const data: FetchData[] = [{ item: "UID", number: entry.uid }];
    if (known === "none") data.push({ item: "FLAGS", flags: entry.flags });
    if (tellsModseq) data.push({ item: "MODSEQ", number: entry.modseq });
    if (!view.gone.has(entry.uid)) send(turn, { response: "fetch", sequence: index + 1, data });
  }
  if (expunges === "now") {
    const dropped = dropGone(view);
    sendDropped(turn, dropped);
    view = dropped.view;
  }
  turn.phase = { at: "selected", view };
  if (update.grown) {
    send(turn, { response: "exists", number: view.entries.length });
    sendRecent(turn);
  }
}

/** Which flags are kept: keywords that are there, and new ones. RFC 3501 7.1 */
export function sendPermanentFlags(turn: Turn, view: View): undefined {
  const { readOnly } = view;
  const code = { code: "PERMANENTFLAGS", flags: readOnly ? [] : viewFlags(view), create: !readOnly } as const;
  send(turn, status("*", "OK", readOnly ? "Nothing is kept" : "Flags and keywords are kept", code));
}

/** A command that could not be read: BAD with what and where. Too many of them end the connection. */
export function fault(turn: Turn, tag: string, error: Diagnostic): undefined {
  const text = describe(error);
  // RFC 3501 6.4.4, and a message that is too large is no mistake of the client's.
  if (error.code === BAD_CHARSET) {
    return answer(turn, status(tag, "NO", text, { code: "BADCHARSET", charsets: ["US-ASCII", "UTF-8"] }));
  }
  if (error.code === "message-too-large") return answer(turn, status(tag, "NO", text, { code: "TOOBIG" }));
  turn.faults += 1;
  answer(turn, status(tag, "BAD", text));
  if (turn.faults >= turn.settings.limits.faultsMax) bye(turn, "Too many commands that can't be read");
}
