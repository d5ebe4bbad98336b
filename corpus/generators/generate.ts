import { addressBroken, addressForms, addressLists } from "./address-list.ts";
import { addressDomains, addressMailboxes, addressPaths } from "./address-strict.ts";
import { addressTricks } from "./address-tricks.ts";
import { base64Cases, charsetCases, quotedCases } from "./encodings.ts";
import { headerDates } from "./header-dates.ts";
import { headerFields } from "./header-fields.ts";
import { headerIds, headerParameters } from "./header-parameters.ts";
import { headerWords } from "./header-words.ts";
import { mimeAttachments } from "./mime-attachments.ts";
import { mimeStructure } from "./mime-structure.ts";
import { mimeTrees } from "./mime-tree.ts";
import { Library } from "./topic.ts";

const GENERATORS: readonly ((library: Library) => void)[] = [
  addressForms,
  addressLists,
  addressBroken,
  addressTricks,
  addressMailboxes,
  addressPaths,
  addressDomains,
  headerDates,
  headerWords,
  headerParameters,
  headerIds,
  headerFields,
  base64Cases,
  quotedCases,
  charsetCases,
  mimeTrees,
  mimeStructure,
  mimeAttachments,
];

/** Every file that is generated, by its path below the folder of the corpus. The same each time. */
export function generate(): ReadonlyMap<string, string | Uint8Array> {
  const library = new Library();
  for (const generator of GENERATORS) generator(library);
  return library.files();
}
