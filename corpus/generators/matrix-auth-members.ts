import { after, EVE_JOINED, first, LEVELS, plain, type Row, since, withLevels, withRule } from "./matrix-auth-rows.ts";
import { ANN, BEN, DAN, EVE, levels, member, roomOf, state } from "./matrix-room.ts";

const VIA = { join_authorised_via_users_server: BEN };

/** Who may join. */
export const JOINING: readonly Row[] = [
  [
    "creator",
    "the creator joins behind the create event",
    version => first(version, 1),
    member(ANN, ANN, "join"),
    true,
  ],
  [
    "creator-other",
    "another joins behind the create event",
    version => first(version, 1),
    member(BEN, BEN, "join"),
    false,
  ],
  ["public", "somebody joins a public room", plain, member(EVE, EVE, "join"), true],
  ["again", "somebody joins again", plain, member(BEN, BEN, "join"), true],
  ["other", "somebody makes another join", plain, member(ANN, EVE, "join"), false],
  ["banned", "who is banned joins", after(member(ANN, EVE, "ban")), member(EVE, EVE, "join"), false],
  [
    "left",
    "who has left joins a public room again",
    after(member(EVE, EVE, "join"), member(EVE, EVE, "leave")),
    member(EVE, EVE, "join"),
    true,
  ],
  ["invite-rule", "somebody joins a room that is by invitation", withRule("invite"), member(EVE, EVE, "join"), false],
  ["invited", "who is invited joins", withRule("invite", member(ANN, EVE, "invite")), member(EVE, EVE, "join"), true],
  [
    "invite-rule-joined",
    "who is there joins again a room that is by invitation",
    withRule("invite"),
    member(BEN, BEN, "join"),
    true,
  ],
  [
    "private-rule",
    "who is invited joins a private room",
    withRule("private", member(ANN, EVE, "invite")),
    member(EVE, EVE, "join"),
    version => version < 1,
  ],
  [
    "odd-rule",
    "who is not there joins under a rule that nobody knows",
    withRule("odd"),
    member(EVE, EVE, "join"),
    false,
  ],
  ["knock-rule", "somebody joins a room that is by knocking", withRule("knock"), member(EVE, EVE, "join"), false],
  [
    "knock-rule-invited",
    "who is invited joins a room that is by knocking",
    withRule("knock", member(ANN, EVE, "invite")),
    member(EVE, EVE, "join"),
    true,
    7,
  ],
  [
    "restricted-bare",
    "somebody joins a restricted room and nobody lets them in",
    withRule("restricted"),
    member(EVE, EVE, "join"),
    false,
    8,
  ],
  [
    "restricted",
    "somebody joins a restricted room and who may invite lets them in",
    withRule("restricted"),
    member(EVE, EVE, "join", VIA),
    true,
    8,
  ],
  [
    "restricted-early",
    "the same before there were restricted rooms",
    withRule("restricted"),
    member(EVE, EVE, "join", VIA),
    false,
    1,
    7,
  ],
  [
    "restricted-low",
    "who lets them in may not invite",
    version => roomOf(version, "restricted", { invite: 60 }),
    member(EVE, EVE, "join", VIA),
    false,
    8,
  ],
  [
    "restricted-gone",
    "who lets them in is not there",
    withRule("restricted"),
    member(EVE, EVE, "join", { join_authorised_via_users_server: DAN }),
    false,
    8,
  ],
  [
    "restricted-invited",
    "who is invited joins a restricted room",
    withRule("restricted", member(ANN, EVE, "invite")),
    member(EVE, EVE, "join"),
    true,
    8,
  ],
  [
    "restricted-knock",
    "a room that is restricted and by knocking",
    withRule("knock_restricted"),
    member(EVE, EVE, "join", VIA),
    true,
    10,
  ],
];

/** Who may invite and knock. */
export const INVITING: readonly Row[] = [
  ["invite", "an invitation", plain, member(BEN, EVE, "invite"), true],
  ["invite-stranger", "an invitation by who is not there", plain, member(DAN, EVE, "invite"), false],
  ["invite-low", "an invitation below the level", withLevels({ invite: 60 }), member(BEN, DAN, "invite"), false],
  ["invite-joined", "who is there is invited", EVE_JOINED, member(BEN, EVE, "invite"), false],
  ["invite-banned", "who is banned is invited", after(member(ANN, EVE, "ban")), member(BEN, EVE, "invite"), false],
  [
    "invite-again",
    "who is invited is invited again",
    after(member(ANN, EVE, "invite")),
    member(BEN, EVE, "invite"),
    true,
  ],
  [
    "invite-left",
    "who has left is invited",
    after(member(EVE, EVE, "join"), member(EVE, EVE, "leave")),
    member(BEN, EVE, "invite"),
    true,
  ],
  ["invite-self", "somebody invites themselves", plain, member(BEN, BEN, "invite"), false],
  ["knock", "somebody knocks", withRule("knock"), member(EVE, EVE, "knock"), since(7)],
  ["knock-public", "somebody knocks at a public room", plain, member(EVE, EVE, "knock"), false],
  [
    "knock-invite",
    "somebody knocks at a room that is by invitation",
    withRule("invite"),
    member(EVE, EVE, "knock"),
    false,
  ],
  ["knock-other", "somebody makes another knock", withRule("knock"), member(ANN, EVE, "knock"), false],
  ["knock-joined", "who is there knocks", withRule("knock"), member(BEN, BEN, "knock"), false],
  [
    "knock-invited",
    "who is invited knocks",
    withRule("knock", member(ANN, EVE, "invite")),
    member(EVE, EVE, "knock"),
    false,
  ],
  [
    "knock-banned",
    "who is banned knocks",
    withRule("knock", member(ANN, EVE, "ban")),
    member(EVE, EVE, "knock"),
    false,
  ],
  [
    "knock-again",
    "who has knocked knocks again",
    withRule("knock", member(EVE, EVE, "knock")),
    member(EVE, EVE, "knock"),
    true,
    7,
  ],
  [
    "knock-restricted",
    "somebody knocks where both is the rule",
    withRule("knock_restricted"),
    member(EVE, EVE, "knock"),
    since(10),
  ],
  ["odd", "a membership that nobody knows", plain, member(BEN, BEN, "odd"), false],
  ["none", "no membership at all", plain, state(BEN, "m.room.member", {}, BEN), false],
  [
    "no-key",
    "a member event that is no state",
    plain,
    { type: "m.room.member", sender: BEN, content: { membership: "join" } },
    false,
  ],
];

/** Who may leave, and make others leave. */
export const LEAVING: readonly Row[] = [
  ["leave", "who is there leaves", plain, member(BEN, BEN, "leave"), true],
  ["leave-invited", "who is invited refuses", after(member(ANN, EVE, "invite")), member(EVE, EVE, "leave"), true],
  [
    "leave-knocked",
    "who has knocked takes it back",
    withRule("knock", member(EVE, EVE, "knock")),
    member(EVE, EVE, "leave"),
    true,
    7,
  ],
  ["leave-stranger", "who was never there leaves", plain, member(EVE, EVE, "leave"), false],
  ["leave-banned", "who is banned leaves", after(member(ANN, EVE, "ban")), member(EVE, EVE, "leave"), false],
  ["kick", "who has 50 makes another leave", EVE_JOINED, member(BEN, EVE, "leave"), true],
  ["kick-stranger", "who is not there makes another leave", EVE_JOINED, member(DAN, EVE, "leave"), false],
  [
    "kick-low",
    "who has 0 makes another leave",
    after(member(EVE, EVE, "join"), member(DAN, DAN, "join")),
    member(EVE, DAN, "leave"),
    false,
  ],
  ["kick-level", "below the level that it needs", withLevels({ kick: 51 }), member(BEN, EVE, "leave"), false],
  [
    "kick-equal",
    "who has the same level is made to leave",
    version => {
      const room = roomOf(version, "public");
      room.send(state(ANN, LEVELS, levels(version, { [BEN]: 50, [EVE]: 50 })));
      room.send(member(EVE, EVE, "join"));
      return room;
    },
    member(BEN, EVE, "leave"),
    false,
  ],
  ["kick-higher", "who has more is made to leave", plain, member(BEN, ANN, "leave"), false],
  ["kick-invited", "an invitation is taken back", after(member(ANN, EVE, "invite")), member(BEN, EVE, "leave"), true],
  ["ban", "who has 50 bans another", EVE_JOINED, member(BEN, EVE, "ban"), true],
  ["ban-absent", "who was never there is banned", plain, member(BEN, EVE, "ban"), true],
  ["ban-low", "who has 0 bans another", after(member(EVE, EVE, "join")), member(EVE, DAN, "ban"), false],
  ["ban-level", "below the level that it needs", withLevels({ ban: 51 }), member(BEN, EVE, "ban"), false],
  ["ban-higher", "who has more is banned", plain, member(BEN, ANN, "ban"), false],
  ["ban-self", "somebody bans themselves", plain, member(BEN, BEN, "ban"), false],
  ["unban", "a ban is lifted", after(member(ANN, EVE, "ban")), member(BEN, EVE, "leave"), true],
  [
    "unban-level",
    "a ban is lifted below the level of bans",
    version => {
      const room = roomOf(version, "public", { ban: 60 });
      room.send(member(ANN, EVE, "ban"));
      return room;
    },
    member(BEN, EVE, "leave"),
    false,
  ],
];
