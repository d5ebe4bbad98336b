import type { OperationId } from "../api.ts";
import { getConfig, getContent, getThumbnail, getUrlPreview } from "./download.ts";
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

/** Whether a request is about files, so that its body comes in pieces. */
export function isMedia(target: string): boolean {
  return target.startsWith("/_matrix/media/") || target.startsWith("/_matrix/client/v1/media/");
}

/** Whether an operation is one about files. */
export function isMediaOperation(operation: string): operation is MediaOperation {
  return Object.hasOwn(MEDIA_OPERATIONS, operation);
}
