import type { Figures } from "@scop/fuzz";

const WIDTH = 100;
const SPARKS = "▁▂▃▄▅▆▇█";
const SPARKS_SHOWN = 24;
const KIB = 1_024;

/** One moment of a campaign. */
export type Sample = Pick<Figures, "seconds" | "cpuSeconds" | "runs" | "edges" | "inputs">;

/** What the terminal shows of the campaigns that run, written over itself; elsewhere nothing is drawn. */
export class Screen {
  readonly #shown = new Map<string, { readonly figures: Figures; readonly history: readonly Sample[] }>();
  #lines = 0;

  draw(name: string, figures: Figures, history: readonly Sample[]): void {
    this.#shown.set(name, { figures, history });
    this.#redraw();
  }

  /** Prints what stays, above what is written over. */
  print(text: string): void {
    this.#clear();
    console.log(text);
    this.#redraw();
  }

  /** A campaign ended: one line of it stays. */
  end(name: string, figures: Figures): void {
    this.#shown.delete(name);
    this.print(lineOf(name, figures));
  }

  #clear(): void {
    if (this.#lines > 0) process.stdout.write(`\x1b[${this.#lines}A\x1b[J`);
    this.#lines = 0;
  }

  #redraw(): void {
    if (!process.stdout.isTTY) return;
    this.#clear();
    const width = process.stdout.columns || WIDTH;
    const lines = [...this.#shown].flatMap(([name, { figures, history }]) => linesOf(name, figures, history));
    process.stdout.write(lines.map(line => `${line.slice(0, width)}\n`).join(""));
    this.#lines = lines.length;
  }
}

function rateOf({ runs, cpuSeconds }: Figures): string {
  return Math.round(runs / Math.max(cpuSeconds, 0.001)).toLocaleString("en");
}

/** What the screen says of one campaign. */
export function linesOf(name: string, figures: Figures, history: readonly Sample[]): readonly string[] {
  const { seconds, cpuSeconds, seed, runs, edges, edgesOfAll, inputs, octets, lastEdgeRun } = figures;
  return [
    `${name}: ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} CPU seconds, seed ${seed}`,
    `  executions ${runs.toLocaleString("en")}, ${rateOf(figures)} per CPU second`,
    `  coverage   ${edges} of ${edgesOfAll} edges ${sparksOf(history)}`,
    `  corpus     ${inputs} inputs, ${(octets / KIB).toFixed(0)} KB`,
    `  plateau    no new edge for ${(runs - lastEdgeRun).toLocaleString("en")} executions`,
  ];
}

/** What is left of a campaign, in one line. */
function lineOf(name: string, figures: Figures): string {
  const { seconds, seed, runs, edges, edgesOfAll, inputs, octets, lastEdgeRun, stepsPerOctet } = figures;
  return [
    `${name.padEnd(16)} ${seconds.toFixed(0).padStart(4)} s ${runs.toLocaleString("en")} runs, ${rateOf(figures)} per CPU second`,
    `${edges} of ${edgesOfAll} edges, ${inputs} inputs (${(octets / KIB).toFixed(0)} KB)`,
    `no new edge for ${(runs - lastEdgeRun).toLocaleString("en")} runs, work ${stepsPerOctet.toFixed(0)}/octet, seed ${seed}`,
  ].join(" | ");
}

/** Edges over time as a row of small bars, from the fewest to the most. */
function sparksOf(history: readonly Sample[]): string {
  const picked = thinned(history, SPARKS_SHOWN).map(({ edges }) => edges);
  const [least, most] = [Math.min(...picked), Math.max(...picked)];
  const level = (edges: number): number => Math.round(((edges - least) / Math.max(1, most - least)) * 7);
  return picked.map(edges => SPARKS[level(edges)]).join("");
}

/** At most so many samples, evenly spread, with the first and the last one. */
export function thinned(history: readonly Sample[], most: number): readonly Sample[] {
  if (history.length <= most) return history;
  return Array.from({ length: most }, (_, at) => history[Math.round((at * (history.length - 1)) / (most - 1))]!);
}
