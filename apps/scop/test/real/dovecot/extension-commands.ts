import type { CommandGroup } from "./commands.ts";

export const CONDSTORE: CommandGroup = {
  name: "CONDSTORE",
  needs: "CONDSTORE",
  commands: [
    "STATUS INBOX (HIGHESTMODSEQ)",
    "SELECT INBOX (CONDSTORE)",
    "FETCH 1 (FLAGS MODSEQ)",
    "STORE 1 +FLAGS (\\Flagged)",
    "FETCH 1:* (FLAGS) (CHANGEDSINCE $MODSEQ)",
    "STORE 2 (UNCHANGEDSINCE 1) +FLAGS (\\Draft)",
    "STORE 2 (UNCHANGEDSINCE 18446744073709551615) +FLAGS (\\Draft)",
    "STORE 2 (UNCHANGEDSINCE 9223372036854775807) +FLAGS (\\Draft)",
    "UID STORE 1,3 (UNCHANGEDSINCE $MODSEQ) +FLAGS (\\Draft)",
    "STORE 1:3 -FLAGS.SILENT (\\Draft)",
    "STORE 1 -FLAGS (\\Flagged)",
    "SEARCH MODSEQ 9223372036854775807",
    "FETCH 1 (FLAGS) (CHANGEDSINCE x)",
    "UNSELECT",
  ],
};

export const QRESYNC: CommandGroup = {
  name: "QRESYNC",
  needs: "QRESYNC",
  commands: [
    "SELECT INBOX (QRESYNC ($UIDVALIDITY 1))",
    "ENABLE QRESYNC",
    "CREATE Sync",
    "APPEND Sync {20+}\r\nSubject: a\r\n\r\nbody\r\n",
    "APPEND Sync {20+}\r\nSubject: b\r\n\r\nbody\r\n",
    "APPEND Sync {20+}\r\nSubject: c\r\n\r\nbody\r\n",
    "APPEND Sync {20+}\r\nSubject: d\r\n\r\nbody\r\n",
    "SELECT Sync",
    "STORE 2,4 +FLAGS.SILENT (\\Deleted)",
    "EXPUNGE",
    "STORE 1 +FLAGS.SILENT (\\Seen)",
    "SELECT Sync (QRESYNC ($UIDVALIDITY $MODSEQ))",
    "SELECT Sync (QRESYNC ($UIDVALIDITY 1 1:4))",
    "SELECT Sync (QRESYNC (1 1))",
    "UID FETCH 1:* (FLAGS) (CHANGEDSINCE $MODSEQ VANISHED)",
    "UID STORE 3 +FLAGS (\\Deleted)",
    "UID EXPUNGE 3",
    "CLOSE",
    "DELETE Sync",
  ],
};

export const ESEARCH: CommandGroup = {
  name: "ESEARCH",
  needs: "ESEARCH",
  commands: [
    "EXAMINE INBOX",
    "SEARCH RETURN () ALL",
    "SEARCH RETURN (ALL) SEEN",
    "SEARCH RETURN (MIN MAX COUNT) UNSEEN",
    "SEARCH RETURN (COUNT) ALL",
    "SEARCH RETURN (MIN) KEYWORD nothing",
    "SEARCH RETURN (COUNT ALL) KEYWORD nothing",
    "UID SEARCH RETURN (MIN MAX) ALL",
    "UID SEARCH RETURN (ALL) 2:4,6",
    "SEARCH RETURN (NOTHING) ALL",
  ],
};

export const SEARCHRES: CommandGroup = {
  name: "SEARCHRES",
  needs: "SEARCHRES",
  commands: [
    "EXAMINE INBOX",
    "FETCH $ UID",
    "SEARCH RETURN (SAVE) SEEN",
    "FETCH $ (UID FLAGS)",
    "SEARCH $ SINCE 3-Nov-2026",
    "UID FETCH $ UID",
    "SEARCH RETURN (SAVE MIN) SEEN",
    "FETCH $ UID",
    "SEARCH RETURN (SAVE) KEYWORD nothing",
    "FETCH $ UID",
  ],
};

export const SORT: CommandGroup = {
  name: "SORT",
  needs: "SORT",
  commands: [
    "EXAMINE INBOX",
    "SORT (ARRIVAL) UTF-8 ALL",
    "SORT (DATE) UTF-8 ALL",
    "SORT (REVERSE DATE) UTF-8 ALL",
    "SORT (SIZE) US-ASCII 1:10",
    "SORT (SUBJECT) UTF-8 ALL",
    "SORT (FROM) UTF-8 ALL",
    "SORT (TO REVERSE ARRIVAL) UTF-8 ALL",
    "SORT (CC) UTF-8 ALL",
    "UID SORT (SUBJECT REVERSE DATE) UTF-8 UNSEEN",
    "SORT () UTF-8 ALL",
    "SORT (NOTHING) UTF-8 ALL",
    "SORT (DATE) X-NOTHING ALL",
  ],
};

export const THREAD: CommandGroup = {
  name: "THREAD",
  needs: "THREAD=REFERENCES",
  commands: [
    "EXAMINE INBOX",
    "THREAD REFERENCES UTF-8 ALL",
    "THREAD REFERENCES UTF-8 1:3",
    "UID THREAD REFERENCES UTF-8 UNSEEN",
    "THREAD ORDEREDSUBJECT UTF-8 ALL",
    "THREAD NOTHING UTF-8 ALL",
  ],
};

export const LIST_EXTENDED: CommandGroup = {
  name: "LIST-EXTENDED",
  needs: "LIST-EXTENDED",
  commands: [
    "CREATE Ext",
    "CREATE Ext/Below",
    "SUBSCRIBE Ext/Below",
    "SUBSCRIBE Gone",
    'LIST (SUBSCRIBED) "" "*"',
    'LIST "" "*" RETURN (SUBSCRIBED)',
    'LIST "" "%" RETURN (CHILDREN)',
    'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"',
    'LIST (RECURSIVEMATCH) "" "%"',
    'LIST (SPECIAL-USE) "" "*"',
    'LIST "" "*" RETURN (SPECIAL-USE)',
    'LIST "" ("INBOX" "Ext" "Ext/*")',
    'LIST "" "INBOX" RETURN (STATUS (MESSAGES UNSEEN))',
    'LIST "" "Ext*" RETURN (STATUS (MESSAGES))',
    'LIST (NOTHING) "" "*"',
    'LIST "" "*" RETURN (NOTHING)',
    "UNSUBSCRIBE Gone",
    "UNSUBSCRIBE Ext/Below",
    "DELETE Ext/Below",
    "DELETE Ext",
  ],
};

export const BINARY: CommandGroup = {
  name: "BINARY",
  needs: "BINARY",
  commands: [
    "EXAMINE INBOX",
    "FETCH 5 BINARY.PEEK[2]",
    "FETCH 5 BINARY.SIZE[2]",
    "FETCH 5 BINARY.PEEK[2]<2.4>",
    "FETCH 4 BINARY.PEEK[1]",
    "FETCH 16 BINARY.PEEK[1]",
    "FETCH 1 BINARY.PEEK[1]",
    "FETCH 5 BINARY.SIZE[1]",
    "FETCH 5 BINARY.PEEK[9]",
  ],
};

export const OTHERS: CommandGroup = {
  name: "STATUS=SIZE",
  needs: "STATUS=SIZE",
  commands: ["STATUS INBOX (SIZE)", "STATUS INBOX (SIZE MESSAGES)", "STATUS Drafts (SIZE)"],
};

export const WITHIN: CommandGroup = {
  name: "WITHIN",
  needs: "WITHIN",
  commands: ["EXAMINE INBOX", "SEARCH OLDER 0", "SEARCH YOUNGER 1", "SEARCH OLDER 1000000000", "SEARCH OLDER x"],
};

export const MULTIAPPEND: CommandGroup = {
  name: "MULTIAPPEND",
  needs: "MULTIAPPEND",
  commands: [
    "CREATE Many",
    "APPEND Many {20+}\r\nSubject: a\r\n\r\nbody\r\n (\\Seen) {20+}\r\nSubject: b\r\n\r\nbody\r\n",
    "STATUS Many (MESSAGES UNSEEN)",
    "DELETE Many",
  ],
};

export const CATENATE: CommandGroup = {
  name: "CATENATE",
  needs: "CATENATE",
  commands: [
    "CREATE Joined",
    'APPEND Joined CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER" TEXT {6+}\r\nHello\n)',
    "APPEND Joined CATENATE (TEXT {23+}\r\nSubject: joined\r\n\r\nab\r\n TEXT {4+}\r\ncd\r\n)",
    'APPEND Joined CATENATE (URL "/INBOX/;UID=100")',
    "SELECT Joined",
    "FETCH 1:* (RFC822.SIZE BODY.PEEK[])",
    "CLOSE",
    "DELETE Joined",
  ],
};

export const ESORT: CommandGroup = {
  name: "ESORT",
  needs: "ESORT",
  commands: [
    "EXAMINE INBOX",
    "SORT RETURN (ALL) (DATE) UTF-8 1:5",
    "SORT RETURN (COUNT) (DATE) UTF-8 ALL",
    "SORT RETURN (MIN MAX) (REVERSE ARRIVAL) UTF-8 ALL",
    "UID SORT RETURN () (SUBJECT) UTF-8 SEEN",
    "SORT RETURN (COUNT ALL) (DATE) UTF-8 KEYWORD $Junk",
  ],
};

export const PREVIEW: CommandGroup = {
  name: "PREVIEW",
  needs: "PREVIEW",
  commands: [
    "EXAMINE INBOX",
    "FETCH 1 PREVIEW",
    "FETCH 4 PREVIEW",
    "FETCH 6 PREVIEW",
    "FETCH 16 PREVIEW",
    "FETCH 15 PREVIEW",
  ],
};

export const SAVEDATE: CommandGroup = {
  name: "SAVEDATE",
  needs: "SAVEDATE",
  commands: [
    "EXAMINE INBOX",
    "FETCH 1 SAVEDATE",
    "SEARCH SAVEDATESUPPORTED",
    "SEARCH SAVEDSINCE 1-Jan-2020",
    "SEARCH SAVEDBEFORE 1-Jan-2020",
    "SEARCH SAVEDON 1-Jan-2020",
    "SEARCH SAVEDON yesterday",
  ],
};

export const NOTIFY: CommandGroup = {
  name: "NOTIFY",
  needs: "NOTIFY",
  commands: [
    "NOTIFY NONE",
    "NOTIFY SET (PERSONAL (MessageNew MessageExpunge))",
    "NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (MailboxName SubscriptionChange))",
    "SELECT INBOX",
    "NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange))",
    "STORE 1 +FLAGS (\\Flagged)",
    "STORE 1 -FLAGS (\\Flagged)",
    "NOTIFY SET STATUS (MAILBOXES Drafts (MessageNew MessageExpunge))",
    "NOTIFY SET (SELECTED (MessageNew))",
    "NOTIFY SET (PERSONAL (FlagChange))",
    "NOTIFY SET",
    "NOTIFY",
    "NOTIFY NONE",
  ],
};
