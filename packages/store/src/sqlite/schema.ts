/** `SCoP` in ASCII, kept in the header of the database. */
export const APPLICATION_ID = 0x53_43_6f_50;
/** Octets of a page: a message of 10 KB is written fastest with this one. */
export const PAGE_OCTETS = 8192;

/**
 * What makes each version out of the one before it; the place in the list is the version it starts from. A step that was released is
 * never changed. Numbers are whole, instants in milliseconds; `wake` is when an item is due or its lease runs out, null while held.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1), clean INTEGER NOT NULL,
  account INTEGER NOT NULL, mailbox INTEGER NOT NULL, message INTEGER NOT NULL, blob INTEGER NOT NULL, item INTEGER NOT NULL,
  submission INTEGER NOT NULL, lease INTEGER NOT NULL, uid_validity INTEGER NOT NULL,
  ready INTEGER NOT NULL CHECK (ready >= 0), leased INTEGER NOT NULL CHECK (leased >= 0), held INTEGER NOT NULL CHECK (held >= 0)
) STRICT;
INSERT INTO state VALUES (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE domain (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE account (
  id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, domain TEXT NOT NULL REFERENCES domain (name), inbox INTEGER NOT NULL,
  modseq INTEGER NOT NULL, salt BLOB NOT NULL, iterations INTEGER NOT NULL, stored_key BLOB NOT NULL, server_key BLOB NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX account_by_domain ON account (domain);
CREATE TABLE alias (
  address TEXT PRIMARY KEY, domain TEXT NOT NULL REFERENCES domain (name), targets TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_by_domain ON alias (domain);

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), name TEXT NOT NULL, special_use TEXT,
  subscribed INTEGER NOT NULL, uid_validity INTEGER NOT NULL CHECK (uid_validity BETWEEN 1 AND 4294967295),
  uid_next INTEGER NOT NULL CHECK (uid_next BETWEEN 1 AND 4294967296), highest_modseq INTEGER NOT NULL,
  messages INTEGER NOT NULL CHECK (messages >= 0), unseen INTEGER NOT NULL CHECK (unseen >= 0),
  deleted INTEGER NOT NULL CHECK (deleted >= 0), octets INTEGER NOT NULL CHECK (octets >= 0),
  UNIQUE (account, name)
) STRICT;
CREATE TABLE retired_name (
  account INTEGER NOT NULL, name TEXT NOT NULL, uid_validity INTEGER NOT NULL, PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
  mailbox INTEGER NOT NULL REFERENCES mailbox (id), uid INTEGER NOT NULL, message INTEGER NOT NULL, blob INTEGER NOT NULL,
  size INTEGER NOT NULL, flags INTEGER NOT NULL, keywords TEXT NOT NULL, modseq INTEGER NOT NULL, internal_date INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_by_modseq ON entry (mailbox, modseq);
CREATE INDEX entry_deleted ON entry (mailbox, uid) WHERE flags & 8;
CREATE TABLE expunged (
  mailbox INTEGER NOT NULL, modseq INTEGER NOT NULL, uid INTEGER NOT NULL, PRIMARY KEY (mailbox, modseq, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (id INTEGER PRIMARY KEY, octets INTEGER NOT NULL, refs INTEGER NOT NULL CHECK (refs > 0), file TEXT) STRICT;
CREATE UNIQUE INDEX blob_by_file ON blob (file) WHERE file IS NOT NULL;
CREATE TABLE body (blob INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE item (
  id INTEGER PRIMARY KEY, submission INTEGER NOT NULL, blob INTEGER NOT NULL, blob_offset INTEGER NOT NULL, size INTEGER NOT NULL,
  reverse_path TEXT NOT NULL, recipient TEXT NOT NULL, destination TEXT NOT NULL, eight_bit INTEGER NOT NULL, utf8 INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2), attempts INTEGER NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL,
  expires INTEGER NOT NULL, last_reply TEXT NOT NULL, token INTEGER NOT NULL, wake INTEGER,
  CHECK ((state = 2) = (wake IS NULL))
) STRICT;
CREATE INDEX item_by_wake ON item (destination, wake, submission) WHERE wake IS NOT NULL;
CREATE INDEX item_by_state ON item (state) WHERE state <> 0;
CREATE TABLE destination (name TEXT PRIMARY KEY, wake INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX destination_by_wake ON destination (wake);

CREATE TABLE answered (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, results TEXT NOT NULL, created INTEGER NOT NULL
) STRICT;
`,
  // `dsn` is what the sender wants to be told, as JSON; empty where nothing was said.
  `
ALTER TABLE item ADD COLUMN binary INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN delay_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN dsn TEXT NOT NULL DEFAULT '';
`,
  // Messages and mailboxes are named by a mod-sequence of their account, so that nobody can count what others have: beyond all older keys.
  // Null in `save_date`: the message is older than the column, and its internal date stands for it. A null quota is the server's usual one.
  `
ALTER TABLE entry ADD COLUMN save_date INTEGER;
ALTER TABLE mailbox ADD COLUMN object INTEGER NOT NULL DEFAULT 0;
UPDATE mailbox SET object = id;
UPDATE account SET modseq = max(modseq, (SELECT max(message, mailbox) FROM state));
ALTER TABLE state DROP COLUMN message;
ALTER TABLE mailbox ADD COLUMN deleted_octets INTEGER NOT NULL DEFAULT 0 CHECK (deleted_octets >= 0);
UPDATE mailbox SET deleted_octets = (
  SELECT coalesce(sum(size), 0) FROM entry WHERE entry.mailbox = mailbox.id AND entry.flags & 8
) WHERE deleted > 0;
ALTER TABLE account ADD COLUMN octets INTEGER NOT NULL DEFAULT 0 CHECK (octets >= 0);
ALTER TABLE account ADD COLUMN messages INTEGER NOT NULL DEFAULT 0 CHECK (messages >= 0);
ALTER TABLE account ADD COLUMN quota_octets INTEGER;
ALTER TABLE account ADD COLUMN quota_messages INTEGER;
UPDATE account SET
  octets = (SELECT coalesce(sum(mailbox.octets), 0) FROM mailbox WHERE mailbox.account = account.id),
  messages = (SELECT coalesce(sum(mailbox.messages), 0) FROM mailbox WHERE mailbox.account = account.id);
CREATE TABLE subscription (account INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (account, name)) STRICT, WITHOUT ROWID;
CREATE TABLE threaded (
  blob INTEGER NOT NULL, account INTEGER NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY (blob, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX threaded_by_thread ON threaded (account, thread);
CREATE TABLE thread_name (
  account INTEGER NOT NULL, name TEXT NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_name_by_thread ON thread_name (account, thread);
`,
  // What texts have which runs of three characters, without the texts. Filled by searches, so that a delivery does not pay for it.
  `
CREATE TABLE indexed (blob INTEGER PRIMARY KEY, state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2)) STRICT;
CREATE INDEX indexed_without_text ON indexed (blob) WHERE state = 2;
CREATE VIRTUAL TABLE grams USING fts5 (
  text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);
`,
  // What is counted for reports. `about` is 0 for what DMARC says of messages, 1 for TLS of sessions; days are since 1970-01-01.
  `
CREATE TABLE tally_day (
  about INTEGER NOT NULL CHECK (about BETWEEN 0 AND 1), day INTEGER NOT NULL, domain TEXT NOT NULL, keys INTEGER NOT NULL,
  counted INTEGER NOT NULL, PRIMARY KEY (about, day, domain)
) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
  about INTEGER NOT NULL, day INTEGER NOT NULL, domain TEXT NOT NULL, key TEXT NOT NULL, count INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (about, day, domain, key)
) STRICT, WITHOUT ROWID;
ALTER TABLE state ADD COLUMN tallies INTEGER NOT NULL DEFAULT 0 CHECK (tallies >= 0);
`,
  // How safe the way has to be: 0 as usual, 1 required, 2 optional.
  "ALTER TABLE item ADD COLUMN tls INTEGER NOT NULL DEFAULT 0 CHECK (tls BETWEEN 0 AND 2);",
  // Rooms and those who log in to them. `stream` counts what a client hears of; a state is a tree of nodes that others share.
  `
ALTER TABLE state ADD COLUMN stream INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN room INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
CREATE TABLE room (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version TEXT NOT NULL, state INTEGER NOT NULL, latest TEXT NOT NULL,
  depth INTEGER NOT NULL, position INTEGER NOT NULL
) STRICT;
CREATE TABLE room_event (
  position INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room (id), name TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
  state_key TEXT, state INTEGER NOT NULL, json TEXT NOT NULL
) STRICT;
CREATE INDEX room_event_by_room ON room_event (room, position);
CREATE TABLE room_event_sent (
  position INTEGER PRIMARY KEY REFERENCES room_event (position), account INTEGER NOT NULL, device TEXT NOT NULL,
  transaction_id TEXT NOT NULL
) STRICT;
CREATE TABLE state_node (id INTEGER PRIMARY KEY, node TEXT NOT NULL) STRICT;
CREATE TABLE room_member (
  room INTEGER NOT NULL REFERENCES room (id), user TEXT NOT NULL, membership TEXT NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_member_by_user ON room_member (user);
CREATE TABLE device (
  account INTEGER NOT NULL REFERENCES account (id), name TEXT NOT NULL, display_name TEXT, created INTEGER NOT NULL,
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE access_token (
  hash BLOB PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), device TEXT NOT NULL, created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_token_by_device ON access_token (account, device);
CREATE TABLE account_data (
  account INTEGER NOT NULL REFERENCES account (id), room TEXT NOT NULL, type TEXT NOT NULL, json TEXT NOT NULL,
  position INTEGER NOT NULL, PRIMARY KEY (account, room, type)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_data_by_position ON account_data (account, position);
CREATE TABLE sync_filter (
  account INTEGER NOT NULL REFERENCES account (id), id INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE profile (
  account INTEGER NOT NULL REFERENCES account (id), field TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (account, field)
) STRICT, WITHOUT ROWID;
`,
  // What goes along with rooms. What an event says of itself is looked up in its JSON, which SQLite reads to a depth of 1,000: what is
  // deeper says nothing.
  `
ALTER TABLE room_event ADD COLUMN redacted_by TEXT;
ALTER TABLE room_event ADD COLUMN relates_to ANY GENERATED ALWAYS AS (
  CASE WHEN json_valid(json) THEN json_extract(json, '$.content."m.relates_to".event_id') END
) VIRTUAL;
ALTER TABLE room_event ADD COLUMN relation ANY GENERATED ALWAYS AS (
  CASE WHEN json_valid(json) THEN json_extract(json, '$.content."m.relates_to".rel_type') END
) VIRTUAL;
ALTER TABLE room_event ADD COLUMN said ANY GENERATED ALWAYS AS (
  CASE WHEN json_valid(json) THEN json_extract(json, '$.origin_server_ts') END
) VIRTUAL;
CREATE INDEX room_event_by_relation ON room_event (room, relates_to, position) WHERE relates_to IS NOT NULL;
CREATE INDEX room_event_by_time ON room_event (room, said, position);
ALTER TABLE room_member ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
CREATE TABLE room_alias (
  alias TEXT PRIMARY KEY, room INTEGER NOT NULL REFERENCES room (id), creator TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX room_alias_by_room ON room_alias (room, alias);
CREATE TABLE published_room (room INTEGER PRIMARY KEY REFERENCES room (id)) STRICT;
CREATE TABLE receipt (
  room INTEGER NOT NULL REFERENCES room (id), user TEXT NOT NULL, type TEXT NOT NULL, thread TEXT NOT NULL, event TEXT NOT NULL,
  at INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (room, user, type, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_by_position ON receipt (room, position);
CREATE TABLE media_file (
  hash BLOB PRIMARY KEY, blob INTEGER NOT NULL REFERENCES blob (id), octets INTEGER NOT NULL, uses INTEGER NOT NULL CHECK (uses > 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE media (
  name TEXT PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), created INTEGER NOT NULL,
  hash BLOB REFERENCES media_file (hash), octets INTEGER, content_type TEXT, file_name TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX media_by_account ON media (account, hash, created, octets);
CREATE INDEX media_by_hash ON media (hash) WHERE hash IS NOT NULL;
CREATE INDEX media_file_by_blob ON media_file (blob);
`,
  // Messages that are events of a room too. `origin` is 0 for what came by mail, 1 for what was said in the room.
  `
CREATE TABLE mail_link (
  id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), message_id TEXT NOT NULL, room TEXT NOT NULL,
  event TEXT NOT NULL, root TEXT NOT NULL, thread TEXT NOT NULL, origin INTEGER NOT NULL CHECK (origin BETWEEN 0 AND 1),
  facts TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX mail_link_by_message ON mail_link (account, message_id);
CREATE UNIQUE INDEX mail_link_by_event ON mail_link (account, event);
CREATE INDEX mail_link_by_thread ON mail_link (account, thread, origin, id);
`,
  // Rooms that other servers are in too. `position` of an event is the key that states know it by; `place` is where clients find it, null where
  // they don't. `standing`: 0 accepted, 1 outlier, 2 softly failed, 3 rejected. `room_state` is null where it is `state`.
  `
ALTER TABLE room_event ADD COLUMN place INTEGER;
ALTER TABLE room_event ADD COLUMN standing INTEGER NOT NULL DEFAULT 0 CHECK (standing BETWEEN 0 AND 3);
ALTER TABLE room_event ADD COLUMN room_state INTEGER;
UPDATE room_event SET place = position;
DROP INDEX room_event_by_room;
CREATE UNIQUE INDEX room_event_by_place ON room_event (room, place) WHERE place IS NOT NULL;
DROP INDEX room_event_by_relation;
CREATE INDEX room_event_by_relation ON room_event (room, relates_to, place) WHERE relates_to IS NOT NULL;
DROP INDEX room_event_by_time;
CREATE INDEX room_event_by_time ON room_event (room, said, place) WHERE place IS NOT NULL;
CREATE TABLE room_edge (
  room INTEGER NOT NULL REFERENCES room (id), name TEXT NOT NULL, depth INTEGER NOT NULL, PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_edge_by_depth ON room_edge (room, depth);
CREATE TABLE room_server (
  room INTEGER NOT NULL REFERENCES room (id), server TEXT NOT NULL, members INTEGER NOT NULL CHECK (members > 0),
  PRIMARY KEY (room, server)
) STRICT, WITHOUT ROWID;
INSERT INTO room_server
  SELECT room, substr(user, instr(user, ':') + 1), count(*) FROM room_member WHERE membership = 'join' GROUP BY 1, 2;
CREATE TABLE room_stripped (
  room INTEGER NOT NULL REFERENCES room (id), user TEXT NOT NULL, event TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
`,
  // Keys of devices and accounts, what is sent to devices, and backups of room keys. An empty `seen_by` is whoever shares a room.
  `
ALTER TABLE device ADD COLUMN seen INTEGER;
ALTER TABLE device ADD COLUMN seen_from TEXT;
ALTER TABLE device ADD COLUMN keys TEXT;
CREATE TABLE one_time_key (
  added INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), device TEXT NOT NULL, algorithm TEXT NOT NULL,
  id TEXT NOT NULL, json TEXT NOT NULL, claimed INTEGER NOT NULL CHECK (claimed BETWEEN 0 AND 1),
  UNIQUE (account, device, algorithm, id)
) STRICT;
CREATE INDEX one_time_key_by_age ON one_time_key (account, device, algorithm, claimed, added);
CREATE TABLE fallback_key (
  account INTEGER NOT NULL REFERENCES account (id), device TEXT NOT NULL, algorithm TEXT NOT NULL, id TEXT NOT NULL,
  json TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (account, device, algorithm)
) STRICT, WITHOUT ROWID;
CREATE TABLE cross_signing_key (
  account INTEGER NOT NULL REFERENCES account (id), kind TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (account, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE key_signature (
  signer INTEGER NOT NULL REFERENCES account (id), user TEXT NOT NULL, target TEXT NOT NULL, key TEXT NOT NULL,
  signature TEXT NOT NULL, PRIMARY KEY (signer, user, target, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_list (
  user TEXT NOT NULL, seen_by TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (user, seen_by)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_list_by_position ON device_list (seen_by, position);
CREATE TABLE to_device (
  position INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), device TEXT NOT NULL, sender TEXT NOT NULL,
  octets INTEGER NOT NULL, json TEXT NOT NULL
) STRICT;
CREATE INDEX to_device_by_device ON to_device (account, device, position);
CREATE INDEX to_device_by_sender ON to_device (account, device, sender, octets);
CREATE TABLE key_backup (
  account INTEGER NOT NULL REFERENCES account (id), version INTEGER NOT NULL, algorithm TEXT NOT NULL, auth_data TEXT NOT NULL,
  etag INTEGER NOT NULL, count INTEGER NOT NULL CHECK (count >= 0), octets INTEGER NOT NULL CHECK (octets >= 0),
  PRIMARY KEY (account, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE backup_key (
  account INTEGER NOT NULL REFERENCES account (id), version INTEGER NOT NULL, room TEXT NOT NULL, session TEXT NOT NULL,
  first_index INTEGER NOT NULL, forwarded INTEGER NOT NULL, verified INTEGER NOT NULL, json TEXT NOT NULL,
  PRIMARY KEY (account, version, room, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_member_by_position ON room_member (room, position);
`,
  // What other servers are told, and the keys that they sign with. `txn` is the transaction that was begun; it has what is not beyond the two bounds.
  `
CREATE TABLE peer (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, attempts INTEGER NOT NULL, events INTEGER NOT NULL CHECK (events >= 0),
  edus INTEGER NOT NULL CHECK (edus >= 0), thin_at INTEGER NOT NULL, wake INTEGER NOT NULL, txn TEXT NOT NULL,
  through_event INTEGER NOT NULL, through_edu INTEGER NOT NULL
) STRICT;
CREATE INDEX peer_by_wake ON peer (wake);
CREATE INDEX peer_reachable ON peer (wake) WHERE attempts = 0;
CREATE INDEX peer_failing ON peer (wake) WHERE attempts > 0;
CREATE TABLE peer_event (
  peer INTEGER NOT NULL REFERENCES peer (id), position INTEGER NOT NULL REFERENCES room_event (position), room INTEGER NOT NULL,
  PRIMARY KEY (peer, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX peer_event_by_room ON peer_event (peer, room, position);
CREATE TABLE peer_edu (
  id INTEGER PRIMARY KEY AUTOINCREMENT, peer INTEGER NOT NULL REFERENCES peer (id), key TEXT, json TEXT NOT NULL
) STRICT;
CREATE INDEX peer_edu_by_peer ON peer_edu (peer, id);
CREATE INDEX peer_edu_by_key ON peer_edu (peer, key, id) WHERE key IS NOT NULL;
CREATE TABLE server_keys (id INTEGER PRIMARY KEY, server TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
`,
  // Which events redact which: between servers the one that redacts may come first.
  `
ALTER TABLE room_event ADD COLUMN redacts ANY GENERATED ALWAYS AS (
  CASE WHEN type = 'm.room.redaction' AND json_valid(json) THEN
    coalesce(json_extract(json, '$.redacts'), json_extract(json, '$.content.redacts'))
  END
) VIRTUAL;
CREATE INDEX room_event_by_redacts ON room_event (redacts, position) WHERE redacts IS NOT NULL;
`,
];
