/** Octets: as text in UTF-8, in base64, or the name of a file among the blobs. */
export type CaseInput = { readonly text: string } | { readonly base64: string } | { readonly blob: string };

/** Any value of JSON by name. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * What has to come out: `{"reject": why}`, `{"oneOf": [values]}`, or a value, each field of which has to be in the answer. Lists have to be
 * equal in length, and `null` stands for what must not be there.
 */
export type Expectation = JsonObject;

/** `valid` has to be accepted, `invalid` to be refused or reported, and with `acceptable` both is right. */
export type CaseResult = "valid" | "invalid" | "acceptable";

/** One case as it stands in a suite. */
export interface CorpusCase {
  readonly id: string;
  readonly area: string;
  readonly op: string;
  readonly description: string;
  /** As in `RFC5322#3.4`. */
  readonly spec: readonly string[];
  /** Each is explained in NOTES.md. */
  readonly flags: readonly string[];
  readonly importance?: "high" | "normal";
  readonly input: CaseInput;
  readonly params?: JsonObject;
  readonly result: CaseResult;
  readonly expect: { readonly strict?: Expectation; readonly lenient?: Expectation };
  /** Milliseconds after which an implementation is taken to hang, in place of those of the runner. */
  readonly budget?: { readonly ms: number };
  readonly provenance: JsonObject;
  readonly supersedes?: string;
  readonly conflictsWith?: readonly string[];
}

/** A case that was checked, with its octets in base64 and its parameters complete. */
export interface ReadyCase {
  readonly of: CorpusCase;
  /** The suite, as in `address/list`. */
  readonly suite: string;
  readonly base64: string;
  readonly params: JsonObject;
}
