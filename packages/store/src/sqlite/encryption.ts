import { unreachable } from "@scop/wire";
import type { EncryptionChange, Refusal } from "../index.ts";
import {
  addKeySignature,
  addOneTimeKeys,
  claimKey,
  forgetKeySignatures,
  nameDevice,
  putCrossSigningKey,
  putDeviceKeys,
  putFallbackKey,
  seeDevice,
} from "./device-keys.ts";
import { addKeyBackup, backUpKeys, forgetBackedUpKeys, removeKeyBackup, setKeyBackup } from "./key-backups.ts";
import { acknowledgeToDevice, noteDeviceList, sendToDevice } from "./to-device.ts";
import type { Work } from "./work.ts";

/** Applies a change to keys, or to what is sent to devices. */
export function applyToEncryption(work: Work, change: EncryptionChange): object | Refusal {
  switch (change.change) {
    case "name-device":
      return nameDevice(work, change);
    case "see-device":
      return seeDevice(work, change);
    case "note-device-list":
      return noteDeviceList(work, change);
    case "put-device-keys":
      return putDeviceKeys(work, change);
    case "add-one-time-keys":
      return addOneTimeKeys(work, change);
    case "put-fallback-key":
      return putFallbackKey(work, change);
    case "claim-key":
      return claimKey(work, change);
    case "put-cross-signing-key":
      return putCrossSigningKey(work, change);
    case "add-key-signature":
      return addKeySignature(work, change);
    case "forget-key-signatures":
      return forgetKeySignatures(work, change);
    case "send-to-device":
      return sendToDevice(work, change);
    case "acknowledge-to-device":
      return acknowledgeToDevice(work, change);
    case "add-key-backup":
      return addKeyBackup(work, change);
    case "set-key-backup":
      return setKeyBackup(work, change);
    case "remove-key-backup":
      return removeKeyBackup(work, change);
    case "back-up-keys":
      return backUpKeys(work, change);
    case "forget-backed-up-keys":
      return forgetBackedUpKeys(work, change);
    default:
      return unreachable(change);
  }
}
