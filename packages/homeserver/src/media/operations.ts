import type { OperationId } from "../api.ts";
import type { PeerCall } from "../context.ts";
import type { PeerMediaOperation } from "../federation/operations.ts";
import {
  getConfig,
  getContent,
  getContentForPeer,
  getThumbnail,
  getThumbnailForPeer,
  getUrlPreview,
} from "./download.ts";
import type { MediaAnswer, MediaCall, MediaParts } from "./port.ts";
import { createContent, uploadContent, uploadContentToMxc } from "./upload.ts";

/** Operations about files. */
export type MediaOperation = Extract<
  OperationId,
  | "uploadContent"
  | "uploadContentToMXC"
  | "createContent"
  | "getConfig"
  | "getContentAuthed"
  | "getContentOverrideNameAuthed"
  | "getContentThumbnailAuthed"
  | "getUrlPreviewAuthed"
  | "getConfigAuthed"
>;

/** All of them are for those who are logged in. */
export const MEDIA_OPERATIONS: Readonly<
  Record<MediaOperation, (parts: MediaParts, call: MediaCall) => Promise<MediaAnswer>>
> = {
  uploadContent,
  uploadContentToMXC: uploadContentToMxc,
  createContent,
  getConfig,
  getContentAuthed: getContent,
  getContentOverrideNameAuthed: getContent,
  getContentThumbnailAuthed: getThumbnail,
  getUrlPreviewAuthed: getUrlPreview,
  getConfigAuthed: getConfig,
};

/** Operations about files, of other servers. */
export const PEER_MEDIA_OPERATIONS: Readonly<
  Record<PeerMediaOperation, (parts: MediaParts, call: PeerCall) => Promise<MediaAnswer>>
> = {
  getContent: getContentForPeer,
  getContentThumbnail: getThumbnailForPeer,
};

const PREFIXES = ["/_matrix/media/", "/_matrix/client/v1/media/", "/_matrix/federation/v1/media/"];

/** Whether a request is about files, so that its body comes in pieces. */
export function isMedia(target: string): boolean {
  return PREFIXES.some(each => target.startsWith(each));
}

/** Whether an operation is one about files. */
export function isMediaOperation(operation: string): operation is MediaOperation {
  return Object.hasOwn(MEDIA_OPERATIONS, operation);
}
