import { CHANGING, type CommandGroup, FETCHING, SEARCHING, SELECTING, WRONG } from "./commands.ts";
import {
  BINARY,
  CATENATE,
  CONDSTORE,
  ESEARCH,
  LIST_EXTENDED,
  MULTIAPPEND,
  OTHERS,
  QRESYNC,
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
  THREAD,
  BINARY,
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
