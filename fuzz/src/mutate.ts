import type { Generator } from "./grammar.ts";
import type { Random } from "./random.ts";

/** What inputs are changed with. */
export interface Materials {
  /** Words of the target and of what it reads. */
  readonly words: readonly Uint8Array[];
  /** Other inputs that reached something. */
  readonly inputs: readonly Uint8Array[];
  readonly generator?: Generator | undefined;
  /** No mutant is longer, in octets. */
  readonly lengthMax: number;
}

type Mutator = (input: Uint8Array, random: Random, materials: Materials) => Uint8Array;

const STACKED_MAX = 5;
const REPEATS_MAX = 32;
/** Octets that grammars of text give a meaning to. */
const MARKS = new TextEncoder().encode("\0\t\n\r !\"%'()*+,-./:;<=>?@[\\]_`{|}~\x7f\x80\xc3\xe2\xff0");
const NUMBERS = [
  "0",
  "1",
  "-1",
  "127",
  "255",
  "256",
  "998",
  "65535",
  "65536",
  "2147483648",
  "4294967295",
  "9007199254740993",
];

/** Changes an input in one to five ways, picked by chance. The answer is a new array. */
export function mutate(input: Uint8Array, random: Random, materials: Materials): Uint8Array {
  let mutant = input;
  for (let left = 1 + random.below(STACKED_MAX); left > 0; left--)
    mutant = random.pick(MUTATORS)(mutant, random, materials);
  return mutant.slice(0, materials.lengthMax);
}

/** `input` with `length` octets from `at` on replaced. */
export function splice(input: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length - length + by.length);
  out.set(input.subarray(0, at));
  out.set(by, at);
  out.set(input.subarray(at + length), at + by.length);
  return out;
}

/** A piece of an input: where it begins, and how many octets; short ones are likelier. */
function span(input: Uint8Array, random: Random): readonly [at: number, length: number] {
  const at = random.below(input.length + 1);
  const most = Math.min(input.length - at, random.pick([1, 4, 16, 64, 1024]));
  return [at, random.below(most + 1)];
}

const setOctet: Mutator = (input, random) => {
  if (input.length === 0) return input;
  const out = input.slice();
  const at = random.below(out.length);
  out[at] = random.pick([
    random.pick([...MARKS]),
    random.below(256),
    out[at]! ^ (1 << random.below(8)),
    out[at]! + 1,
    out[at]! - 1,
  ]);
  return out;
};
const insertMark: Mutator = (input, random) =>
  splice(input, random.below(input.length + 1), 0, Uint8Array.of(random.pick([...MARKS])));
const remove: Mutator = (input, random) => splice(input, ...span(input, random), new Uint8Array());
const repeat: Mutator = (input, random) => {
  const [at, length] = span(input, random);
  const times = random.once(4) ? random.below(REPEATS_MAX) : 1;
  const piece = input.subarray(at, at + length);
  const many = new Uint8Array(length * times);
  for (let i = 0; i < times; i++) many.set(piece, i * length);
  return splice(input, at, 0, many);
};
const copyWithin: Mutator = (input, random) => {
  const [at, length] = span(input, random);
  return splice(input, random.below(input.length + 1), 0, input.subarray(at, at + length));
};
const word: Mutator = (input, random, { words }) => {
  if (words.length === 0) return input;
  const [at, length] = random.once(2) ? span(input, random) : [random.below(input.length + 1), 0];
  return splice(input, at, length, random.pick(words));
};
const crossOver: Mutator = (input, random, { inputs }) => {
  if (inputs.length === 0) return input;
  const other = random.pick(inputs);
  const [from, count] = span(other, random);
  return splice(input, ...span(input, random), other.subarray(from, from + count));
};
const fragment: Mutator = (input, random, { generator }) =>
  generator ? splice(input, ...span(input, random), generator.fragment(random)) : input;

/** Lines, or what lies between marks: whole pieces of text are dropped, doubled or change places. */
function pieces(separator: RegExp): Mutator {
  return (input, random) => {
    const list = Buffer.from(input).toString("latin1").split(separator);
    const at = random.below(list.length);
    const other = random.below(list.length);
    const change = random.below(3);
    if (change === 0) list.splice(at, 1);
    else if (change === 1) list.splice(other, 0, list[at]!);
    else [list[at], list[other]] = [list[other]!, list[at]!];
    return new Uint8Array(Buffer.from(list.join(""), "latin1"));
  };
}

const changeNumber: Mutator = (input, random) => {
  const text = Buffer.from(input).toString("latin1");
  const found = [...text.matchAll(/\d+/g)];
  if (found.length === 0) return input;
  const { index, 0: digits } = random.pick(found);
  const by = random.once(2) ? random.pick(NUMBERS) : String(Number(digits) + random.pick([1, -1]));
  return splice(input, index, digits.length, new TextEncoder().encode(by));
};
const changeCase: Mutator = (input, random) => {
  const out = input.slice();
  const [at, length] = span(input, random);
  for (let i = at; i < at + length; i++) if (/[a-z]/i.test(String.fromCharCode(out[i]!))) out[i]! ^= 0x20;
  return out;
};

/** The likelier ones are named more than once. */
const MUTATORS: readonly Mutator[] = [
  ...[setOctet, setOctet, insertMark, remove, remove, repeat, copyWithin, word, word, word, crossOver, crossOver],
  ...[fragment, fragment, pieces(/(?<=\n)/), pieces(/(?<=[\s,;:=<>()])/), changeNumber, changeCase],
];
