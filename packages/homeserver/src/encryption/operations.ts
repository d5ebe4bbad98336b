import type { OperationId } from "../api.ts";
import type { OwnCall } from "../context.ts";
import { deleteDevice, deleteDevices, getDevice, getDevices, updateDevice } from "../devices.ts";
import { own, type Performed } from "../performed.ts";
import { uploadCrossSigningKeys } from "./cross-signing.ts";
import { getKeysChanges } from "./device-lists.ts";
import {
  deleteRoomKeys,
  deleteRoomKeysVersion,
  getRoomKeys,
  getRoomKeysVersion,
  postRoomKeysVersion,
  putRoomKeys,
  putRoomKeysVersion,
} from "./key-backup.ts";
import { claimKeys, queryKeys } from "./query-keys.ts";
import { uploadCrossSigningSignatures } from "./signatures.ts";
import { sendToDevice } from "./to-device.ts";
import { uploadKeys } from "./upload-keys.ts";

type EncryptionOperation = Extract<
  OperationId,
  | "getDevices"
  | "getDevice"
  | "updateDevice"
  | "deleteDevice"
  | "deleteDevices"
  | "uploadKeys"
  | "queryKeys"
  | "claimKeys"
  | "getKeysChanges"
  | "sendToDevice"
  | "uploadCrossSigningKeys"
  | "uploadCrossSigningSignatures"
  | "postRoomKeysVersion"
  | "getRoomKeysVersionCurrent"
  | "getRoomKeysVersion"
  | "putRoomKeysVersion"
  | "deleteRoomKeysVersion"
  | "putRoomKeys"
  | "putRoomKeysByRoomId"
  | "putRoomKeyBySessionId"
  | "getRoomKeys"
  | "getRoomKeysByRoomId"
  | "getRoomKeyBySessionId"
  | "deleteRoomKeys"
  | "deleteRoomKeysByRoomId"
  | "deleteRoomKeyBySessionId"
>;

/** What looks at the keys of an account before it changes them. */
function inTurn(operation: Performed<OwnCall>): Performed<OwnCall> {
  return (parts, call) => parts.turns.take(`keys ${call.who.account}`, () => operation(parts, call));
}

/** Operations of devices, of their keys, and of what is sent to them. */
export const ENCRYPTION_OPERATIONS: Readonly<Record<EncryptionOperation, Performed<OwnCall>>> = {
  getDevices: own(getDevices),
  getDevice: own(getDevice),
  updateDevice: own(updateDevice),
  deleteDevice: ({ context, auth }, call) => deleteDevice(context, auth, call),
  deleteDevices: ({ context, auth }, call) => deleteDevices(context, auth, call),
  uploadKeys: inTurn(own(uploadKeys)),
  queryKeys: own(queryKeys),
  claimKeys: own(claimKeys),
  getKeysChanges: own(getKeysChanges),
  sendToDevice: own(sendToDevice),
  uploadCrossSigningKeys: inTurn(({ context, auth }, call) => uploadCrossSigningKeys(context, auth, call)),
  uploadCrossSigningSignatures: inTurn(own(uploadCrossSigningSignatures)),
  postRoomKeysVersion: own(postRoomKeysVersion),
  getRoomKeysVersionCurrent: own(getRoomKeysVersion),
  getRoomKeysVersion: own(getRoomKeysVersion),
  putRoomKeysVersion: own(putRoomKeysVersion),
  deleteRoomKeysVersion: own(deleteRoomKeysVersion),
  putRoomKeys: own(putRoomKeys),
  putRoomKeysByRoomId: own(putRoomKeys),
  putRoomKeyBySessionId: own(putRoomKeys),
  getRoomKeys: own(getRoomKeys),
  getRoomKeysByRoomId: own(getRoomKeys),
  getRoomKeyBySessionId: own(getRoomKeys),
  deleteRoomKeys: own(deleteRoomKeys),
  deleteRoomKeysByRoomId: own(deleteRoomKeys),
  deleteRoomKeyBySessionId: own(deleteRoomKeys),
};
