import type { Grammar } from "./grammar.ts";

/** A module that is fuzzed: what it exports. */
export interface Target {
  /** One run: throws where a property is broken. It must not change `data`, nor depend on anything else. jazzer.js takes the same function. */
  readonly fuzz: (data: Uint8Array) => void;
  /** What is checked, in one sentence. */
  readonly about: string;
  /** Inputs to begin with; text stands for its UTF-8. */
  readonly seeds: readonly (string | Uint8Array)[];
  /** What well-formed inputs look like. */
  readonly grammar?: Grammar;
  /** Words beyond those that the sources hold. */
  readonly words?: readonly string[];
  /** Longest input in octets; 4,096 where it is not given. */
  readonly lengthMax?: number;
  /** The most edges that one octet of input may cost; 2,000 where it is not given. */
  readonly stepsPerOctetMax?: number;
}

/** Targets by name, each loaded when it is asked for: the export `TARGETS` of a module. */
export type Targets = Readonly<Record<string, () => Promise<Target>>>;

/** Text as UTF-8; octets as they are. */
export function octetsOf(seed: string | Uint8Array): Uint8Array {
  return typeof seed === "string" ? new TextEncoder().encode(seed) : seed;
}
