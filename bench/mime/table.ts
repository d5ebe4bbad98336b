import { distinct, median, shown } from "../figures.ts";
import type { MemoryRun, MimeResult, MimeRun } from "../mime.ts";

const OURS = "SCoP";

/** What is counted where it is not octets. */
function unitOf(row: string): string | undefined {
  if (row.startsWith("compose")) return "thousand messages";
  return row.endsWith("mailboxes") ? "thousand mailboxes" : undefined;
}

/** MB, or thousands of what is counted, per second of the processor or of the clock. */
function rateOf(run: MimeRun): number {
  const ms = run.row.endsWith("by the clock") ? run.wallMs : run.cpuMs;
  return run.octets / (ms / 1_000) / (unitOf(run.row) === undefined ? 1_000_000 : 1_000);
}

function rateTable({ runs }: MimeResult): readonly string[] {
  const lines = [
    "| what | library | MB per CPU-second | least to most | SCoP is faster by | threw |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
  ];
  for (const row of distinct(runs.map(run => run.row))) {
    const here = runs.filter(run => run.row === row);
    const rates = (peer: string): readonly number[] => here.filter(run => run.peer === peer).map(rateOf);
    const unit = unitOf(row) === undefined ? "" : ` ${unitOf(row)}`;
    for (const peer of distinct(here.map(run => run.peer))) {
      const all = rates(peer);
      const ratio = peer === OURS ? "" : `${(median(rates(OURS)) / median(all)).toFixed(2)} x`;
      const spread = `${shown(Math.min(...all))} to ${shown(Math.max(...all))}`;
      const errors = here.find(run => run.peer === peer)!.errors;
      lines.push(`| ${[row, peer, `${shown(median(all))}${unit}`, spread, ratio, errors].join(" | ")} |`);
    }
  }
  return lines;
}

function megabytes(octets: number): string {
  return (octets / 1e6).toFixed(1);
}

function memoryTable(runs: readonly MemoryRun[]): readonly string[] {
  const lines = [
    "| memory | library | MB beyond an empty process | of them decoded content | heap of JavaScript while streaming, MB |",
    "| --- | --- | ---: | ---: | ---: |",
  ];
  for (const { row, peer, beyondEmpty, output, heap } of runs.toSorted((one, other) =>
    one.row < other.row ? -1 : 1,
  )) {
    const cells = [megabytes(beyondEmpty), output > 0 ? megabytes(output) : "-", heap > 0 ? megabytes(heap) : "-"];
    lines.push(`| ${[row, peer, ...cells].join(" | ")} |`);
  }
  return lines;
}

/** The medians of all libraries, as two Markdown tables. */
export function mimeTable(result: MimeResult): string {
  return [...rateTable(result), "", ...memoryTable(result.memory)].join("\n");
}
