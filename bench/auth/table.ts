import type { AuthResult, AuthRun } from "../auth.ts";
import { distinct, median, shown } from "../figures.ts";

const OURS = "SCoP";

/** Messages, or MB of large ones, per second of the processor. */
function rateOf(run: AuthRun): number {
  return (run.messages * (run.octets === undefined ? 1 : run.octets / 1_000_000)) / (run.cpuMs / 1_000);
}

/** The median of the ratios round by round: what else the machine does weighs on both of a round. */
function fasterBy(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((rate, round) => rate / theirs[round]!));
}

/** The table of `bench auth`. */
export function authTable({ runs }: AuthResult): string {
  const lines = [
    "| what | library | per CPU-second | least to most | SCoP is faster by | passed | questions |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const row of distinct(runs.map(run => run.row))) {
    const here = runs.filter(run => run.row === row);
    const rates = (peer: string): readonly number[] => here.filter(run => run.peer === peer).map(rateOf);
    for (const peer of distinct(here.map(run => run.peer))) {
      const all = rates(peer);
      const { octets, passed, of, questions } = here.find(run => run.peer === peer)!;
      const unit = octets === undefined ? "" : " MB";
      const cells = [
        row,
        peer,
        `${shown(median(all))}${unit}`,
        `${shown(Math.min(...all))} to ${shown(Math.max(...all))}`,
        peer === OURS ? "" : `${fasterBy(rates(OURS), all).toFixed(2)} x`,
        `${passed} of ${of}`,
        questions ?? "",
      ];
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  return lines.join("\n");
}
