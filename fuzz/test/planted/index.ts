import type { Target, Targets } from "@scop/fuzz";
import * as parsers from "./parsers.ts";

/** A target that throws where a parser with a planted fault answers true. */
function broken(
  parser: (data: Uint8Array) => boolean,
  seeds: readonly string[] = [""],
  more: Partial<Target> = {},
): () => Promise<Target> {
  const fuzz = (data: Uint8Array): void => {
    if (parser(data)) throw new Error("planted");
  };
  return async () => ({ fuzz, about: "breaks", seeds, ...more });
}

export const TARGETS: Targets = {
  literal: broken(parsers.literal),
  keyword: broken(parsers.keyword),
  octets: broken(parsers.octets),
  word: broken(parsers.word),
  tree: broken(parsers.tree, ["((a)b)"]),
  quadratic: broken(parsers.quadratic, ["a,,,".repeat(100)], { stepsPerOctetMax: 200 }),
  endless: broken(parsers.endless, ["lo"]),
};
