/** The libraries that the cases ask, and which of their files. */
export const LIBRARIES = ["address", "mime", "smtp", "dkim", "spf", "dmarc", "imap"] as const;

export type Library = (typeof LIBRARIES)[number];

/** Files that cases reach and that are left out all the same: which, and why. Files that no case reaches (what composes, signs, sends, serves) need no name. */
export const LEFT_OUT: readonly (readonly [files: RegExp, why: string])[] = [
  [
    /^packages\/imap\/src\/extensions\/(?:binary|compress|objectid|preview|quota|sort)\.ts$/,
    "a few lines read a command, the rest serves it",
  ],
  [/^packages\/imap\/src\/serialise\.ts$/, "writes what a server says, of which the cases ask for texts alone"],
  [/^packages\/mime\/src\/uuencode\.ts$/, "no RFC says what is right"],
  [/^packages\/(?:dkim|dmarc|spf)\/src\/run\.ts$/, "asks DNS, and reads nothing"],
];

/** Whether a file that cases reach is one that they have to reach all of. */
export function isOfCorpus(path: string): boolean {
  return !LEFT_OUT.some(([files]) => files.test(path));
}
