import type { JsonObject } from "@scop/matrix/json";
import type { Store } from "@scop/store";
import { StoreUnavailable } from "@scop/store";
import type { OperationId } from "./api.ts";
import { Authoring } from "./authoring.ts";
import type { Call, Context, HomeserverIo, HomeserverOptions, Who } from "./context.ts";
import { KeptKeys } from "./encryption/kept-keys.ts";
import { answerPeer, isOfPeers } from "./federation/operations.ts";
import { Outbox } from "./federation/outbox.ts";
import { roomWorkOf } from "./federation/room-work.ts";
import { answerOf, faultAnswer, type HttpAnswer, type HttpRequest, MatrixFault } from "./http.ts";
import { InteractiveAuth } from "./interactive-auth.ts";
import { LastSeen } from "./last-seen.ts";
import { newHeard } from "./live/heard.ts";
import { newLive } from "./live/live.ts";
import { whoAsks } from "./login.ts";
import { answerMedia } from "./media/answer.ts";
import { MediaArrivals } from "./media/arrivals.ts";
import { isMediaOperation } from "./media/operations.ts";
import type { MediaAnswer, MediaRequest } from "./media/port.ts";
import { Uploads } from "./media/uploads.ts";
import { OPEN_OPERATIONS, OWN_OPERATIONS, type OwnOperation } from "./operations.ts";
import type { Parts } from "./performed.ts";
import { Spending } from "./rates.ts";
import { brought, isKnownPath, route } from "./router.ts";
import type { UnstableOperationId } from "./sliding/operation.ts";
import { Turns } from "./turns.ts";
import { Waiting } from "./waiting.ts";

/** A Matrix homeserver. */
export interface Homeserver {
  /** Answers one request. Never rejects: a fault of ours is a 500 and goes to the log. */
  answer(request: HttpRequest): Promise<HttpAnswer>;
  /**
   * Does what a user of this server may ask for, without a request and a token: for who comes by another way than HTTP, as a gateway. The user need
   * not be one who logs in. Rejects with `MatrixFault` where it may not be, and as the store does.
   */
  perform(who: Who, operation: OwnOperation, brought: Brought): Promise<object>;
  /** Answers one request about files, those of `isMedia`. Never rejects. */
  media(request: MediaRequest): Promise<MediaAnswer>;
  /** Lets everybody go who waits in `/sync`, and begins nothing more with other servers. The store stays open. */
  close(): void;
}

/** What comes with an operation. */
export interface Brought {
  /** By the names that the specification gives the segments: `roomId`. */
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
}

/** Makes a homeserver of a store. It has no socket: whoever serves HTTP gives it the requests under `/_matrix/` and `/.well-known/matrix/`. */
export function createHomeserver(io: HomeserverIo, store: Store, options: HomeserverOptions): Homeserver {
  const parts = partsOf(io, store, options);
  const { context, waiting } = parts;
  const lastSeen = new LastSeen(context);
  const { peers, serverName } = options;
  const outbox = peers && new Outbox(io, store, peers, serverName);
  const perform = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (request.method === "OPTIONS") return answerOf(isKnownPath(request.target) ? 200 : 404, {});
    const routed = route(request);
    const call = (): Call => ({
      path: routed.path,
      ...brought(request, routed),
      peer: request.peer,
      onGone: listener => request.onGone(listener),
    });
    if (isOfPeers(routed.operation))
      return answerOf(200, await answerPeer(context, outbox, routed.operation.id, request, call()));
    const id = routed.operation.id as OperationId | UnstableOperationId;
    if (isMediaOperation(id)) throw new MatrixFault(404, "M_UNRECOGNIZED", "Nothing is there.");
    if (isOpen(id)) {
      parts.spending.spend(id, request.peer, undefined);
      return answerOf(200, await OPEN_OPERATIONS[id](parts, call()));
    }
    // Of strangers not even a body is read.
    const who = await whoAsks(context, request.authorization);
    lastSeen.note(who, request.peer);
    parts.spending.spend(id, request.peer, who.account);
    return answerOf(200, await OWN_OPERATIONS[id](parts, { ...call(), who }));
  };
  const arrivals = new MediaArrivals(io);
  const media = { context, arrivals, spending: parts.spending, uploads: new Uploads() };
  return {
    media: request => answerMedia(media, request).catch((error: unknown) => answerToError(context, error)),
    answer: request => perform(request).catch((error: unknown) => answerToError(context, error)),
    perform: (who, operation, { path = {}, body = new Map() }) =>
      OWN_OPERATIONS[operation](parts, {
        who,
        path: new Map(Object.entries(path)),
        query: new Map(),
        body,
        peer: "",
        onGone: () => undefined,
      }),
    close() {
      waiting.close();
      arrivals.close();
      parts.live.close();
      outbox?.close();
    },
  };
}

function partsOf(io: HomeserverIo, store: Store, options: HomeserverOptions): Parts {
  const waiting = new Waiting(io, store);
  const heard = newHeard(io, options, waiting);
  const context: Context = {
    io,
    store,
    options,
    heard,
    rooms: roomWorkOf({ io, store, options }),
    keptKeys: new KeptKeys(io),
  };
  return {
    context,
    authoring: new Authoring(context),
    waiting,
    live: newLive(context),
    spending: new Spending(io, options.rates),
    auth: new InteractiveAuth(context),
    turns: new Turns(),
  };
}

function isOpen(operation: string): operation is keyof typeof OPEN_OPERATIONS {
  return Object.hasOwn(OPEN_OPERATIONS, operation);
}

function answerToError({ io }: Context, error: unknown): HttpAnswer {
  if (error instanceof MatrixFault) return faultAnswer(error);
  if (error instanceof StoreUnavailable) {
    return faultAnswer(new MatrixFault(503, "M_UNKNOWN", "The server can't store it now: try again."));
  }
  io.log.write("error", "a Matrix request failed", {
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return faultAnswer(new MatrixFault(500, "M_UNKNOWN", "The server made a mistake."));
}
