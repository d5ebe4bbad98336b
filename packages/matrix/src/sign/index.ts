export { checkSignature, keyIdsOf, type ObjectSigner, type SignatureResult, signObject } from "./objects.ts";
