import { type Plot, shown } from "./bars.ts";
import type { Curve } from "./curves.ts";

/** What a run of the fuzzer keeps of each target. */
interface FuzzedTarget {
  readonly target: string;
  readonly runs: number;
  readonly cpuSeconds: number;
  readonly edges: number;
  readonly findings: number;
  readonly history: readonly { readonly cpuSeconds: number; readonly runs: number; readonly edges: number }[];
}

/** The body of a result of the kind `fuzz`. */
export interface FuzzBody {
  readonly targets: readonly FuzzedTarget[];
}

const HOUR_SECONDS = 3_600;

/** Of each target what was done and what it cost. */
export function fuzzPlots({ targets }: FuzzBody): readonly Plot[] {
  const plot = (title: string, unit: string, value: (each: FuzzedTarget) => number): Plot => ({
    title,
    unit,
    groups: [{ label: "", rows: targets.map(each => ({ name: each.target, values: [value(each)] })) }],
  });
  return [
    plot("Executions", "thousands", each => each.runs / 1_000),
    plot("Work", "CPU-hours", each => each.cpuSeconds / HOUR_SECONDS),
    plot("Speed", "executions a CPU-second, longer is better", each => each.runs / Math.max(each.cpuSeconds, 0.001)),
    plot("Findings", "properties broken", each => each.findings),
  ];
}

/** Of each target edges and executions over time, and for how long no edge was new. */
export function fuzzCurves({ targets }: FuzzBody): readonly Curve[] {
  return targets.map(({ target, history, edges, cpuSeconds }) => {
    const last = history.find(sample => sample.edges === edges)?.cpuSeconds ?? cpuSeconds;
    return {
      title: target,
      note: `no new edge in the last ${shown(Math.max(0, Math.round(cpuSeconds - last)))} CPU seconds`,
      times: history.map(sample => sample.cpuSeconds),
      lines: [
        { name: "edges", values: history.map(sample => sample.edges) },
        { name: "executions", values: history.map(sample => sample.runs) },
      ],
    };
  });
}
