import { splice } from "./mutate.ts";

/** Runs that one minimising may cost. */
const RUNS_MAX = 20_000;
const NOTHING = new Uint8Array();

/**
 * A shorter input that still does what `holds` asks: pieces of lines, then of words, then of octets are left out (ddmin), and what is left
 * becomes `a` or `0` where that changes nothing. `holds` must be true of the input; the answer is the same for the same `holds`.
 */
export function minimise(input: Uint8Array, holds: (data: Uint8Array) => boolean): Uint8Array {
  let runs = 0;
  const check = (data: Uint8Array): boolean => runs++ < RUNS_MAX && holds(data);
  let best = input;
  for (let before = -1; before !== best.length; ) {
    before = best.length;
    for (const separator of [/(?<=\n)/, /(?<=[\s,;:=<>()])/]) best = ddmin(best, cutsOf(best, separator), check);
    best = ddmin(
      best,
      Array.from(best, (_, at) => at),
      check,
    );
  }
  return plain(best, check);
}

/** Where the pieces of a text begin. */
function cutsOf(input: Uint8Array, separator: RegExp): readonly number[] {
  const cuts: number[] = [];
  let at = 0;
  for (const piece of Buffer.from(input).toString("latin1").split(separator)) {
    cuts.push(at);
    at += piece.length;
  }
  return cuts;
}

/** Leaves out ever smaller runs of pieces, from the end to the beginning, as long as that goes on being true. */
function ddmin(input: Uint8Array, cuts: readonly number[], check: (data: Uint8Array) => boolean): Uint8Array {
  let best = input;
  let starts = [...cuts];
  for (let size = Math.ceil(starts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let first = starts.length - size; first > -size; first -= size) {
      const from = Math.max(first, 0);
      const begin = starts[from];
      if (begin === undefined) continue;
      const length = (starts[first + size] ?? best.length) - begin;
      const shorter = splice(best, begin, length, NOTHING);
      if (length === 0 || !check(shorter)) continue;
      best = shorter;
      starts = [...starts.slice(0, from), ...starts.slice(first + size).map(each => each - length)];
    }
  }
  return best;
}

function plain(input: Uint8Array, check: (data: Uint8Array) => boolean): Uint8Array {
  let best = input;
  for (let at = 0; at < best.length; at++) {
    const octet = best[at]!;
    const by = octet >= 0x30 && octet <= 0x39 ? 0x30 : 0x61;
    const simpler = splice(best, at, 1, Uint8Array.of(by));
    if (octet !== by && /[0-9a-zA-Z]|[^ -~\s]/.test(String.fromCharCode(octet)) && check(simpler)) best = simpler;
  }
  return best;
}
