import type { AcceptRun, SyncCount } from "./accept.ts";

/** The medians of each peer at each number of connections, as a Markdown table. */
export function acceptTable(runs: readonly AcceptRun[], counts: readonly SyncCount[]): string {
  const lines = [
    "| connections | server | messages/s | of Postfix | CPU ms/message | of Postfix | syncs/message |",
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const connections of distinct(runs.map(run => run.connections))) {
    const here = runs.filter(run => run.connections === connections);
    const rate = (peer: string): number => median(here, peer, run => run.messages / (run.wallMs / 1_000));
    const cpu = (peer: string): number => median(here, peer, run => run.cpuMs / run.messages);
    for (const peer of distinct(here.map(run => run.peer))) {
      const rateRatio = ratio(rate(peer), rate("Postfix"));
      const cpuRatio = ratio(cpu(peer), cpu("Postfix"));
      const count = counts.find(each => each.peer === peer && each.connections === connections);
      const syncs = count === undefined ? "-" : (count.syncs / count.messages).toFixed(2);
      const cells = [connections, peer, rate(peer).toFixed(0), rateRatio, cpu(peer).toFixed(3), cpuRatio, syncs];
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

function ratio(value: number, yardstick: number): string {
  return Number.isNaN(yardstick) ? "-" : `${(value / yardstick).toFixed(2)} x`;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function median(runs: readonly AcceptRun[], peer: string, figure: (run: AcceptRun) => number): number {
  const figures = runs.filter(run => run.peer === peer).map(figure);
  figures.sort((one, other) => one - other);
  const middle = Math.floor(figures.length / 2);
  if (figures.length === 0) return Number.NaN;
  return figures.length % 2 === 1 ? figures[middle]! : (figures[middle - 1]! + figures[middle]!) / 2;
}
