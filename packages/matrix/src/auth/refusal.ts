/** Why an event is not allowed: one word for machines, and the rule that says so. Rules are named as in room version 12. */
const SENTENCES = {
  "auth-event-unknown": "An auth event is not known here, so that nothing can be said about the event (rule 3).",
  "auth-events-duplicate": "Two auth events have the same type and state key (rule 3.1).",
  "auth-event-unselected": "An auth event is none that the selection for this event has (rule 3.2).",
  "create-as-auth-event": "The create event is an auth event, where the id of the room names it already (rule 3.2).",
  "auth-event-rejected": "An auth event was itself rejected (rule 3.3).",
  "auth-event-of-other-room": "An auth event belongs to another room (rule 3.4).",
  "create-missing": "No create event stands among the auth events (rule 3 before version 12).",
  "room-without-create": "The id of the room is not that of an accepted create event (rule 2).",
  "create-not-first": "A create event has previous events (rule 1.1).",
  "create-has-room-id": "A create event brings a room id, which can only be its own hash (rule 1.2).",
  "create-by-other-server": "The server in the room id is not that of the creator (rule 1.2 before version 12).",
  "create-of-unknown-version": "The room version is none that is recognised (rule 1.3).",
  "create-without-creator": "The create event does not name the creator (rule 1.4 before version 11).",
  "create-bad-creators": "additional_creators is no array of user ids (rule 1.4).",
  "room-not-federated": "The room is closed to other servers, and the sender is of one (rule 4).",
  "aliases-of-other-server": "Aliases belong to the server that the state key names (rule 4 before version 6).",
  "member-malformed": "A membership needs a state key and a membership (rule 5.1).",
  "member-unknown": "The membership is none of this room version (rule 5.8).",
  "not-signed-by-authoriser": "The server of the user who authorised the join did not sign it (rule 5.2).",
  "join-of-other": "Nobody joins for somebody else (rule 5.3.2).",
  "join-while-banned": "The user is banned from the room (rule 5.3.3).",
  "join-uninvited": "The room is joined by invitation, and the user has none (rule 5.3.4).",
  "join-unauthorised": "No joined user who may invite has authorised the join (rule 5.3.5).",
  "join-closed": "The join rule lets nobody in (rule 5.3.7).",
  "invite-malformed": "An invitation by third party lacks what was signed for this user (rule 5.4.1).",
  "invite-of-banned": "The user is banned from the room (rules 5.4.1 and 5.4.3).",
  "invite-unknown": "No invitation by third party stands in the room for this token (rule 5.4.1).",
  "invite-by-other": "The invitation by third party was of another sender (rule 5.4.1).",
  "invite-unsigned": "No key of the invitation by third party signed it for this user (rule 5.4.1).",
  "invite-of-member": "The user is in the room already (rule 5.4.3).",
  "invite-forbidden": "Inviting takes a higher power level (rules 5.4.4 and 7).",
  "leave-of-none": "The user is not in the room, not invited and does not knock (rule 5.5.1).",
  "unban-forbidden": "Lifting a ban takes a higher power level (rule 5.5.3).",
  "kick-forbidden": "Removing this user takes a higher power level (rule 5.5.4).",
  "ban-forbidden": "Banning this user takes a higher power level (rule 5.6.2).",
  "knock-forbidden": "The join rule does not let anybody knock (rule 5.7.1).",
  "knock-of-other": "Nobody knocks for somebody else (rule 5.7.2).",
  "knock-needless": "The user is banned, invited or in the room (rule 5.7.3).",
  "sender-not-joined": "The sender is not in the room (rules 5.4.2, 5.5.2, 5.6.1 and 6).",
  "send-forbidden": "Sending this type takes a higher power level (rule 8).",
  "state-of-other-user": "The state key is the id of another user (rule 9).",
  "levels-malformed": "A power level is no integer, or a list of them no object (rules 10.1 and 10.2).",
  "levels-of-no-user": "A power level is given to what is no user id (rule 10.3).",
  "levels-of-creator": "A creator stands above power levels and is not listed in them (rule 10.4).",
  "levels-too-high": "A power level above the sender's own is given or changed (rules 10.6 to 10.8 and 10.10).",
  "levels-of-equal": "The power level of another user of the same level is changed (rule 10.9).",
  "redaction-forbidden": "Redacting what another server sent takes a higher power level (rule 11 before version 3).",
} as const;

/** The words that refusals have. */
export type RefusalWord = keyof typeof SENTENCES;

/** A refusal: the word, and a sentence for people that names the rule. */
export interface Refusal {
  readonly word: RefusalWord;
  readonly sentence: string;
}

/** The refusal of a word; none stays none. */
export function refusalOf(word: RefusalWord | undefined): Refusal | undefined {
  return word === undefined ? undefined : { word, sentence: SENTENCES[word] };
}
