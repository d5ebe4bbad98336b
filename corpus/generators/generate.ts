import { addressComments } from "./address-comments.ts";
import { addressBroken, addressForms, addressLists } from "./address-list.ts";
import { addressNames } from "./address-names.ts";
import { addressRandom } from "./address-random.ts";
import { addressDomains, addressMailboxes, addressPaths } from "./address-strict.ts";
import { addressTricks } from "./address-tricks.ts";
import { arcChains } from "./arc-cases.ts";
import { arcGrammar } from "./arc-grammar.ts";
import { dkimBodies } from "./dkim-bodies.ts";
import { dkimCanonical, dkimChanges } from "./dkim-canonical.ts";
import { dkimGrammar } from "./dkim-grammar.ts";
import { dkimHeaders } from "./dkim-headers.ts";
import { dkimKeys } from "./dkim-keys.ts";
import { dkimRecords } from "./dkim-records.ts";
import { dkimTags } from "./dkim-tags.ts";
import { dmarcAuthors } from "./dmarc-author.ts";
import { dmarcUnsure } from "./dmarc-authors.ts";
import { dmarcAlignment, dmarcPolicies, dmarcRecords, dmarcWalk } from "./dmarc-cases.ts";
import { dmarcTags } from "./dmarc-tags.ts";
import { base64Cases, charsetCases, quotedCases } from "./encodings.ts";
import { headerBorders } from "./header-borders.ts";
import { headerChecks } from "./header-checks.ts";
import { headerDates } from "./header-dates.ts";
import { headerFields } from "./header-fields.ts";
import { headerIds, headerParameters } from "./header-parameters.ts";
import { headerReadings } from "./header-readings.ts";
import { headerResults } from "./header-results.ts";
import { headerWords } from "./header-words.ts";
import { imapAppend } from "./imap-append.ts";
import { imapCommands } from "./imap-commands.ts";
import { imapNames, imapStreams } from "./imap-names.ts";
import { imapNormal } from "./imap-normal.ts";
import { imapSearch } from "./imap-search.ts";
import { imapStrict } from "./imap-strict.ts";
import { imapStructure } from "./imap-structure.ts";
import { matrixAuth } from "./matrix-auth.ts";
import { matrixEvents } from "./matrix-events.ts";
import { matrixIdentifiers } from "./matrix-identifiers.ts";
import { matrixJson } from "./matrix-json.ts";
import { matrixResolve } from "./matrix-resolve.ts";
import { matrixSigning } from "./matrix-signing.ts";
import { mimeAttachments } from "./mime-attachments.ts";
import { mimeStructure } from "./mime-structure.ts";
import { mimeTrees } from "./mime-tree.ts";
import { smtpDialogue } from "./smtp-dialogue.ts";
import { smtpExtensions } from "./smtp-extensions.ts";
import { smtpParameters } from "./smtp-parameters.ts";
import { smtpSessions } from "./smtp-sessions.ts";
import { spfFollowing } from "./spf-following.ts";
import { spfGrammar } from "./spf-grammar.ts";
import { spfMechanisms } from "./spf-mechanisms.ts";
import { spfLimits, spfRecords } from "./spf-records.ts";
import { Library } from "./topic.ts";

const GENERATORS: readonly ((library: Library) => void)[] = [
  addressForms,
  addressLists,
  addressBroken,
  addressTricks,
  addressRandom,
  addressComments,
  addressNames,
  addressMailboxes,
  addressPaths,
  addressDomains,
  headerBorders,
  headerReadings,
  headerChecks,
  headerDates,
  headerWords,
  headerParameters,
  headerIds,
  headerFields,
  headerResults,
  base64Cases,
  quotedCases,
  charsetCases,
  mimeTrees,
  mimeStructure,
  mimeAttachments,
  dkimCanonical,
  dkimChanges,
  dkimBodies,
  dkimGrammar,
  dkimHeaders,
  dkimTags,
  dkimKeys,
  dkimRecords,
  spfMechanisms,
  spfRecords,
  spfLimits,
  spfFollowing,
  spfGrammar,
  dmarcAlignment,
  dmarcPolicies,
  dmarcWalk,
  dmarcRecords,
  dmarcTags,
  dmarcAuthors,
  dmarcUnsure,
  arcChains,
  arcGrammar,
  smtpSessions,
  smtpParameters,
  smtpExtensions,
  smtpDialogue,
  imapCommands,
  imapStreams,
  imapSearch,
  imapStrict,
  imapNames,
  imapNormal,
  imapAppend,
  imapStructure,
  matrixJson,
  matrixSigning,
  matrixEvents,
  matrixAuth,
  matrixResolve,
  matrixIdentifiers,
];

/** Every file that is generated, by its path below the folder of the corpus. The same each time. */
export function generate(): ReadonlyMap<string, string | Uint8Array> {
  const library = new Library();
  for (const generator of GENERATORS) generator(library);
  return library.files();
}
