import { runMx } from "../mx.ts";
import type { Native } from "../native.ts";

// The entry of the image: the base puts its words under this name.
runMx((globalThis as unknown as { readonly scopHost: Native }).scopHost);
