import type { AccountId } from "./ids.ts";

/** What a key for cross-signing is for. */
export type CrossSigningKind = "master" | "self_signing" | "user_signing";

/** A key that a device gives out: a one-time key or one to fall back to. */
export interface ClaimableKey {
  readonly algorithm: string;
  /** What is behind the colon of its name. */
  readonly id: string;
  /** Canonical JSON. */
  readonly json: string;
}

/** A device with the keys that it published. */
export interface DeviceKeysRecord {
  readonly device: string;
  readonly displayName: string | undefined;
  readonly json: string;
}

/** A signature of an account's keys on a key of somebody. */
export interface KeySignature {
  /** The device, or the public key of a key for cross-signing. */
  readonly target: string;
  /** As in `ed25519:a`. */
  readonly key: string;
  readonly signature: string;
}

/** What a device still has to give out. */
export interface KeyCounts {
  /** One-time keys that nobody claimed, by algorithm. */
  readonly oneTime: ReadonlyMap<string, number>;
  /** Algorithms whose key to fall back to was not used yet. */
  readonly unusedFallback: readonly string[];
}

/** A membership that changed. */
export interface ChangedMember {
  readonly room: string;
  readonly user: string;
  readonly membership: string;
}

/** A message that waits for a device. */
export interface ToDeviceRecord {
  readonly position: number;
  readonly json: string;
}

/** A version of a backup of room keys. */
export interface KeyBackupRecord {
  /** It is never used again. */
  readonly version: number;
  readonly algorithm: string;
  readonly authData: string;
  /** Another one after each change of its keys. */
  readonly etag: number;
  /** Keys in it. */
  readonly count: number;
}

/** A room key in a backup. */
export interface BackedUpKey {
  readonly room: string;
  readonly session: string;
  readonly firstMessageIndex: number;
  readonly forwardedCount: number;
  readonly isVerified: boolean;
  /** Of the whole entry. */
  readonly json: string;
}

/** Where in a backup; what is undefined is everything there. A session has a room. */
export interface BackupPlace {
  readonly account: AccountId;
  readonly version: number;
  readonly room: string | undefined;
  readonly session: string | undefined;
}

/** What a transaction does to keys and to what is sent to devices. As to `Change`. */
export type EncryptionChange =
  /** Undefined takes the name away. `missing` */
  | {
      readonly change: "name-device";
      readonly account: AccountId;
      readonly device: string;
      readonly displayName: string | undefined;
    }
  /** Somebody used it, from this address. A device that is gone is passed over */
  | { readonly change: "see-device"; readonly account: AccountId; readonly device: string; readonly from: string }
  /** Who shares a room with `user` hears that the list of devices changed, or `seenBy` alone */
  | { readonly change: "note-device-list"; readonly user: string; readonly seenBy: string | undefined }
  /** `missing` (the device) */
  | {
      readonly change: "put-device-keys";
      readonly account: AccountId;
      readonly device: string;
      readonly json: string;
    }
  /**
   * Keys that are known already are passed over, those that were given out among them. `missing` (the device), `exists` (another key has
   * the id), `over-quota` beyond `ONE_TIME_KEYS_MAX`
   */
  | {
      readonly change: "add-one-time-keys";
      readonly account: AccountId;
      readonly device: string;
      readonly keys: readonly ClaimableKey[];
    }
  /** Takes the place of the one before with the algorithm. `missing` (the device) */
  | {
      readonly change: "put-fallback-key";
      readonly account: AccountId;
      readonly device: string;
      readonly key: ClaimableKey;
    }
  /** Gives out the oldest one-time key, once and for all; where there is none, the key to fall back to, if there is one */
  | {
      readonly change: "claim-key";
      readonly account: AccountId;
      readonly device: string;
      readonly algorithm: string;
    }
  /** Undefined takes it away. `missing` (the account) */
  | {
      readonly change: "put-cross-signing-key";
      readonly account: AccountId;
      readonly kind: CrossSigningKind;
      readonly json: string | undefined;
    }
  /** `missing` (the account that signs), `over-quota` beyond `KEY_SIGNATURES_MAX` of it */
  | {
      readonly change: "add-key-signature";
      readonly account: AccountId;
      /** Whose key is signed. */
      readonly user: string;
      readonly signature: KeySignature;
    }
  /** Signatures of an account with a key that it has no more */
  | { readonly change: "forget-key-signatures"; readonly account: AccountId; readonly key: string }
  /**
   * To one device, or to all of an account. Devices that are not there are passed over, and those for which as much waits as may:
   * `TO_DEVICE_MAX`, `TO_DEVICE_OCTETS_MAX`, and `TO_DEVICE_OF_USER_MAX` or `TO_DEVICE_OF_SERVER_MAX` of `from`, which is a user of ours or
   * another server
   */
  | {
      readonly change: "send-to-device";
      readonly account: AccountId;
      readonly device: string | undefined;
      readonly from: string;
      readonly json: string;
    }
  /** The device has what was sent to it up to a position */
  | {
      readonly change: "acknowledge-to-device";
      readonly account: AccountId;
      readonly device: string;
      readonly upTo: number;
    }
  /** `missing` (the account), `over-quota` beyond `KEY_BACKUPS_MAX` */
  | {
      readonly change: "add-key-backup";
      readonly account: AccountId;
      readonly algorithm: string;
      readonly authData: string;
    }
  /** `missing` */
  | {
      readonly change: "set-key-backup";
      readonly account: AccountId;
      readonly version: number;
      readonly authData: string;
    }
  /** With its keys. `missing` */
  | { readonly change: "remove-key-backup"; readonly account: AccountId; readonly version: number }
  /**
   * Of two keys of a session the better one stays: one that is verified, then that which begins earlier, then that which was forwarded
   * less. `missing`; `in-use` where a newer version is there; `over-quota` beyond `BACKED_UP_KEYS_MAX` or `BACKED_UP_OCTETS_MAX`
   */
  | {
      readonly change: "back-up-keys";
      readonly account: AccountId;
      readonly version: number;
      readonly keys: readonly BackedUpKey[];
    }
  /** `missing` (the version) */
  | { readonly change: "forget-backed-up-keys"; readonly place: BackupPlace };

/** What changes to keys answer. */
export interface EncryptionChangeResults {
  "claim-key": { readonly key: ClaimableKey | null };
  "add-key-backup": { readonly version: number };
  "back-up-keys": BackupState;
  "forget-backed-up-keys": BackupState;
}

/** What a backup is after a change. */
export interface BackupState {
  readonly etag: number;
  readonly count: number;
}

/** What is read of keys and of what is sent to devices. */
export interface EncryptionReads {
  /** Devices that published keys, by name. */
  deviceKeys(account: AccountId): Promise<readonly DeviceKeysRecord[]>;
  keyCounts(account: AccountId, device: string): Promise<KeyCounts>;
  crossSigningKeys(account: AccountId): Promise<ReadonlyMap<CrossSigningKind, string>>;
  /** The signatures of an account on keys of a user. */
  keySignatures(signer: AccountId, user: string): Promise<readonly KeySignature[]>;
  /** Whose lists of devices changed after a position, as far as `user` may hear of it: of those in a room with them, and their own. */
  changedDeviceLists(user: string, after: number): Promise<readonly string[]>;
  /** Whose membership changed after a position, in rooms that `user` is in, or was until the position. */
  changedMembers(user: string, after: number): Promise<readonly ChangedMember[]>;
  /** Whether there is a room that both are in now, and in which nothing changed about either of them since a position. */
  shareRoom(user: string, other: string, since: number): Promise<boolean>;
  /** The first messages after a position, by position. */
  toDevice(account: AccountId, device: string, after: number, limit: number): Promise<readonly ToDeviceRecord[]>;
  /** One version of a backup, or the newest. */
  keyBackup(account: AccountId, version: number | undefined): Promise<KeyBackupRecord | undefined>;
  /** By room and session. */
  backedUpKeys(place: BackupPlace): Promise<readonly BackedUpKey[]>;
}

/** One-time keys of a device that wait to be claimed, for each algorithm; as many that were are remembered. Our own bound: clients keep 50 to 100. */
export const ONE_TIME_KEYS_MAX = 1_000;
/** Signatures of one account on keys of others and of its own. Our own bound. */
export const KEY_SIGNATURES_MAX = 10_000;
/** Messages that wait for a device, and their octets. Our own bounds: a device that is off for months in many rooms. */
export const TO_DEVICE_MAX = 10_000;
export const TO_DEVICE_OCTETS_MAX: number = 32 * 1024 * 1024;
/** Of them, those of one user here, and of one other server, whoever its users say to be: nobody fills the place of all. Our own bounds. */
export const TO_DEVICE_OF_USER_MAX = 1_000;
export const TO_DEVICE_OF_SERVER_MAX = 5_000;
/** Characters of one message to a device. Client-server API: as an event */
export const TO_DEVICE_CHARACTERS_MAX = 65_536;
/** Characters of what is published of one key. Our own bound: with the keys of all algorithms a device has 1,000. */
export const KEY_CHARACTERS_MAX = 16_384;
/** Versions of a backup of one account. Our own bound: clients have one, and remove what they replace. */
export const KEY_BACKUPS_MAX = 20;
/** Keys in all backups of one account, and their octets. Our own bounds: 700 octets a key, some thousand keys a year. */
export const BACKED_UP_KEYS_MAX = 100_000;
export const BACKED_UP_OCTETS_MAX: number = 64 * 1024 * 1024;
