import { CHANGING, type CommandGroup, FETCHING, SEARCHING, SELECTING, WRONG } from "./commands.ts";
import {
  BINARY,
  CATENATE,
  CONDSTORE,
  ESEARCH,
  ESORT,
  LIST_EXTENDED,
  MULTIAPPEND,
  OTHERS,
  PREVIEW,
  QRESYNC,
  SAVEDATE,
  SEARCHRES,
  SORT,
  THREAD,
  WITHIN,
} from "./extension-commands.ts";
import { NAMES } from "./name-commands.ts";

/** All of them, in the order in which they are run: what one leaves behind, the next finds. */
export const GROUPS: readonly CommandGroup[] = [
  NAMES,
  FETCHING,
  SEARCHING,
  ESEARCH,
  SEARCHRES,
  SORT,
  ESORT,
  THREAD,
  BINARY,
  PREVIEW,
  SAVEDATE,
  WITHIN,
  OTHERS,
  SELECTING,
  CHANGING,
  CONDSTORE,
  QRESYNC,
  LIST_EXTENDED,
  MULTIAPPEND,
  CATENATE,
  WRONG,
];
