export {
  activateKeys,
  type KeyEntry,
  type KeyState,
  listKeys,
  makeKeys,
  removeOldKeys,
} from "./dkim-keys.ts";
export { folderSigner, openSignerThread, pemSigner, type SignerThread } from "./dkim-signer.ts";
