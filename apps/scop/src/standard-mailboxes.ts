import type { SpecialUse } from "@scop/store";

/** What every account has besides INBOX. RFC 6154 2 */
export const STANDARD_MAILBOXES: readonly { readonly name: string; readonly specialUse: SpecialUse }[] = [
  { name: "Archive", specialUse: "\\Archive" },
  { name: "Drafts", specialUse: "\\Drafts" },
  { name: "Junk", specialUse: "\\Junk" },
  { name: "Sent", specialUse: "\\Sent" },
  { name: "Trash", specialUse: "\\Trash" },
];
