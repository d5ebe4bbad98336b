export type { ScramVerifier } from "./verifier.ts";
