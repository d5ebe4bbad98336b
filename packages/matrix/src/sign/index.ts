export { fromBase64, unpaddedBase64 } from "../unpadded-base64.ts";
export {
  checkSignature,
  isSignedWith,
  keyIdsOf,
  type ObjectSigner,
  type SignatureResult,
  signObject,
} from "./objects.ts";
export {
  checkRequest,
  type RequestSignature,
  readRequestSignature,
  type SignedRequest,
  signRequest,
} from "./requests.ts";
export { formatServerKeys, KEYS_VALID_MS_MAX, keyValidAt, readServerKeys, type ServerKeys } from "./server-keys.ts";
