/** How events of a room version are written, hashed, named and redacted. Matrix room versions 1 to 12 */
export interface EventFormat {
  readonly version: string;
  /** `chosen` by the server of the sender (1, 2), or the reference hash in base64 (3) or in its form for URLs (from 4 on). */
  readonly ids: "chosen" | "base64" | "base64url";
  /** From 6: no number that canonical JSON has no form for. */
  readonly numbers: "canonical" | "any";
  /** From 5: a signature counts only while its key was valid. */
  readonly keysByTime: boolean;
  /** From 11: what is redacted stands in the content. */
  readonly redactsInContent: boolean;
  /** From 12: the id of a room is that of its create event, which has none itself. */
  readonly createIdIsRoomId: boolean;
  readonly redaction: RedactionRules;
}

/** What a redaction leaves. */
export interface RedactionRules {
  /** Keys of the event. */
  readonly keys: ReadonlySet<string>;
  /** Keys of the content, by type; `all` of them, and none of a type that is not here. */
  readonly content: ReadonlyMap<string, ReadonlySet<string> | "all">;
  /** From 11: of a third-party invite what was signed. */
  readonly signedInvite: boolean;
}

const KEYS = [
  "event_id",
  "type",
  "room_id",
  "sender",
  "state_key",
  "content",
  "hashes",
  "signatures",
  "depth",
  "prev_events",
  "auth_events",
  "origin_server_ts",
];
const KEYS_UNTIL_10 = [...KEYS, "prev_state", "origin", "membership"];
const LEVELS = ["ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"];

function redactionOf(version: number): RedactionRules {
  const content = new Map<string, ReadonlySet<string> | "all">([
    ["m.room.member", new Set(["membership", ...from(version, 9, "join_authorised_via_users_server")])],
    ["m.room.create", version >= 11 ? "all" : new Set(["creator"])],
    ["m.room.join_rules", new Set(["join_rule", ...from(version, 8, "allow")])],
    ["m.room.power_levels", new Set([...LEVELS, ...from(version, 11, "invite")])],
    ["m.room.history_visibility", new Set(["history_visibility"])],
    ["m.room.redaction", new Set(from(version, 11, "redacts"))],
  ]);
  if (version <= 5) content.set("m.room.aliases", new Set(["aliases"]));
  return { keys: new Set(version >= 11 ? KEYS : KEYS_UNTIL_10), content, signedInvite: version >= 11 };
}

function from(version: number, first: number, key: string): readonly string[] {
  return version >= first ? [key] : [];
}

function formatOf(version: number): EventFormat {
  return {
    version: String(version),
    ids: version <= 2 ? "chosen" : version === 3 ? "base64" : "base64url",
    numbers: version >= 6 ? "canonical" : "any",
    keysByTime: version >= 5,
    redactsInContent: version >= 11,
    createIdIsRoomId: version >= 12,
    redaction: redactionOf(version),
  };
}

const FORMATS: ReadonlyMap<string, EventFormat> = new Map(
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(version => [String(version), formatOf(version)]),
);

/** How events of a room version are, `1` to `12`; undefined for any other. */
export function eventFormatOf(version: string): EventFormat | undefined {
  return FORMATS.get(version);
}
