import { EMPTY } from "@scop/wire";
import type { OperationId } from "../api.ts";
import { isOfPeers, isPeerMedia, whichPeerAsks } from "../federation/operations.ts";
import { answerOf, MatrixFault } from "../http.ts";
import { whoAsks } from "../login.ts";
import { brought, isKnownPath, route } from "../router.ts";
import { isMediaOperation, MEDIA_OPERATIONS, PEER_MEDIA_OPERATIONS } from "./operations.ts";
import type { MediaAnswer, MediaParts, MediaRequest } from "./port.ts";

/** Answers a request about files. Throws `MatrixFault`. Of strangers no body is read. */
export async function answerMedia(parts: MediaParts, request: MediaRequest): Promise<MediaAnswer> {
  if (request.method === "OPTIONS") return answerOf(isKnownPath(request.target) ? 200 : 404, {});
  const routed = route(request);
  const onGone = (listener: () => void): void => request.onGone(listener);
  if (isOfPeers(routed.operation)) {
    const { id } = routed.operation;
    if (!isPeerMedia(id)) throw new MatrixFault(404, "M_UNRECOGNIZED", "Nothing is there.");
    const sent = { path: routed.path, ...brought({ target: request.target, body: EMPTY }, routed), peer: request.peer };
    const asked = { ...request, body: EMPTY, onGone };
    const origin = await whichPeerAsks(parts.context, asked);
    return PEER_MEDIA_OPERATIONS[id](parts, { ...sent, onGone, origin });
  }
  const id = routed.operation.id as OperationId;
  if (!isMediaOperation(id)) throw new MatrixFault(404, "M_UNRECOGNIZED", "Nothing is there.");
  const who = await whoAsks(parts.context, request.authorization);
  parts.spending.spend(id, request.peer, who.account);
  const looked = brought({ target: request.target, body: EMPTY }, routed);
  const call = { path: routed.path, ...looked, peer: request.peer, who, request };
  return MEDIA_OPERATIONS[id](parts, { ...call, onGone });
}
