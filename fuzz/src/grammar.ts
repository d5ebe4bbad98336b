import type { Random } from "./random.ts";

/**
 * What well-formed input looks like: for each rule its alternatives. In an alternative `{name}` stands for a rule, everything else for
 * itself as UTF-8; `{{` is a brace. The first rule is the whole input.
 */
export type Grammar = Readonly<Record<string, readonly string[]>>;

type Piece = Uint8Array | { readonly rule: string };

/** A grammar that was read. */
export interface Generator {
  /** One input that follows the grammar, as deep as `depthMax` rules; deeper it takes the alternatives that end soonest. */
  whole(random: Random): Uint8Array;
  /** What one rule, picked by chance, stands for: a fragment to put into other inputs. */
  fragment(random: Random): Uint8Array;
}

const DEPTH_MAX = 24;
const OCTETS_MAX = 4_096;

/** Reads a grammar; throws where it names a rule that it does not have. */
export function openGenerator(grammar: Grammar): Generator {
  const names = Object.keys(grammar);
  const rules = new Map(names.map(name => [name, grammar[name]!.map(text => piecesOf(text, grammar))]));
  const shortest = new Map(names.map(name => [name, shortestOf(rules.get(name)!, rules)]));
  const expand = (rule: string, random: Random): Uint8Array => {
    const out: number[] = [];
    const open: [piece: Piece, depth: number][] = [[{ rule }, 0]];
    while (open.length > 0) {
      const [piece, depth] = open.pop()!;
      if (piece instanceof Uint8Array) out.push(...piece);
      else {
        const isDeep = depth >= DEPTH_MAX || out.length + open.length > OCTETS_MAX;
        const chosen = isDeep ? shortest.get(piece.rule)! : random.pick(rules.get(piece.rule)!);
        for (const each of chosen.toReversed()) open.push([each, depth + 1]);
      }
    }
    return Uint8Array.from(out);
  };
  return {
    whole: random => expand(names[0]!, random),
    fragment: random => expand(random.pick(names), random),
  };
}

function piecesOf(text: string, grammar: Grammar): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [, brace, rule, literal] of text.matchAll(/(\{\{)|\{([\w-]+)\}|([^{]+)/g)) {
    if (rule !== undefined && !(rule in grammar)) throw new Error(`the grammar has no rule ${rule}`);
    pieces.push(rule === undefined ? new TextEncoder().encode(brace ? "{" : literal) : { rule });
  }
  return pieces;
}

/** The alternative with the fewest rules below it, counted in rounds: it ends. */
function shortestOf(
  alternatives: readonly (readonly Piece[])[],
  rules: ReadonlyMap<string, readonly (readonly Piece[])[]>,
): readonly Piece[] {
  const ends = new Set<string>();
  const isEnding = (pieces: readonly Piece[]): boolean =>
    pieces.every(piece => piece instanceof Uint8Array || ends.has(piece.rule));
  for (let round = 0; round <= rules.size; round++) {
    const found = alternatives.find(isEnding);
    if (found) return found;
    const more = [...rules].filter(([, each]) => each.some(isEnding)).map(([name]) => name);
    for (const name of more) ends.add(name);
  }
  throw new Error("a rule of the grammar never ends");
}
