/** Objects and arrays within each other. Ours: no server makes as many, and Python, which most servers run on, stops at about as many. */
export const JSON_DEPTH_MAX = 1000;

/** Octets of an event in canonical form, with its signatures. Client-server API, size limits */
export const EVENT_OCTETS_MAX = 65_536;

/** What is read, and which numbers may stand in it. */
export interface JsonLimits {
  readonly octetsMax: number;
  /**
   * `canonical`: whole numbers between -(2^53)+1 and (2^53)-1, as room versions from 6 on demand; others are refused. `any`: others are kept
   * as `JsonLexeme`.
   */
  readonly numbers: "canonical" | "any";
}

/** An event of a room version from 6 on. */
export const EVENT_JSON: JsonLimits = { octetsMax: EVENT_OCTETS_MAX, numbers: "canonical" };
