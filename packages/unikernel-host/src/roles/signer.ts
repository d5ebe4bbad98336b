import type { Native } from "../native.ts";
import { runSigner } from "../signer/run-signer.ts";

// The entry of the image: the base puts its words under this name.
runSigner((globalThis as unknown as { readonly scopHost: Native }).scopHost);
