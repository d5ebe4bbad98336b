export {
  activateKeys,
  forgetKeys,
  type KeyEntry,
  type KeyState,
  listKeys,
  makeKeys,
  retireKeys,
} from "./dkim-keys.ts";
export { folderSigner, openSignerThread, pemSigner, type SignerThread } from "./dkim-signer.ts";
