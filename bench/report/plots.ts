import type { SyncCount } from "../accept.ts";
import type { HostileResult } from "../hostile.ts";
import type { MemoryRun, MimeRun } from "../mime.ts";
import type { QueueResult } from "../queue.ts";
import type { Plot } from "./bars.ts";
import type { Curve } from "./curves.ts";
import { type FuzzBody, fuzzCurves, fuzzPlots } from "./fuzz-plots.ts";
import type { Result } from "./results.ts";

/** What the runs of accept, deliver and client have in common. */
interface TimedRun {
  readonly peer: string;
  readonly connections: number;
  readonly messages: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** The plots of each kind that has some. Other kinds are shown as their figures alone. */
const PLOTS: Readonly<Record<string, (body: Result["body"]) => readonly Plot[]>> = {
  accept: body => [
    ...timedPlots(body as { runs: readonly TimedRun[] }),
    syncPlot((body as { syncs: readonly SyncCount[] }).syncs),
  ],
  deliver: body => timedPlots(body as { runs: readonly TimedRun[] }),
  client: body => timedPlots(body as { runs: readonly TimedRun[] }),
  queue: body => queuePlots(body as unknown as QueueResult),
  hostile: body => hostilePlots(body as unknown as HostileResult),
  crash: body => countPlots(body as { figures: Readonly<Record<string, number>> }),
  power: body => countPlots(body as { figures: Readonly<Record<string, number>> }),
  fuzz: body => fuzzPlots(body as unknown as FuzzBody),
  mime: body => mimePlots(body as unknown as { runs: readonly MimeRun[]; memory: readonly MemoryRun[] }),
};

/** The plots of one result; none for a kind that is not known. */
export function plotsOf({ kind, body }: Result): readonly Plot[] {
  return PLOTS[kind]?.(body) ?? peerPlots(body);
}

/** What changed while it ran; none for most kinds. */
export function curvesOf({ kind, body }: Result): readonly Curve[] {
  return kind === "fuzz" ? fuzzCurves(body as unknown as FuzzBody) : [];
}

function timedPlots({ runs }: { readonly runs: readonly TimedRun[] }): readonly Plot[] {
  const groups = (figure: (run: TimedRun) => number): Plot["groups"] =>
    distinct(runs.map(run => run.connections)).map(connections => ({
      label: connections === 1 ? "1 connection" : `${connections} connections`,
      rows: rowsOf(
        runs.filter(run => run.connections === connections),
        figure,
      ),
    }));
  return [
    {
      title: "Speed",
      unit: "messages/s, longer is better",
      groups: groups(run => run.messages / (run.wallMs / 1_000)),
    },
    { title: "Work", unit: "CPU ms a message, shorter is better", groups: groups(run => run.cpuMs / run.messages) },
  ];
}

function syncPlot(counts: readonly SyncCount[]): Plot {
  return {
    title: "Syncs",
    unit: "calls of fsync a message",
    groups: distinct(counts.map(count => count.connections)).map(connections => ({
      label: connections === 1 ? "1 connection" : `${connections} connections`,
      rows: rowsOf(
        counts.filter(count => count.connections === connections),
        count => count.syncs / count.messages,
      ),
    })),
  };
}

function queuePlots({ messages, alone, besideDead, restartsMs }: QueueResult): readonly Plot[] {
  const perSecond = (ms: number): number => messages / 2 / (ms / 1_000);
  const rows = [
    { name: "alone", values: [perSecond(alone.wallMs)] },
    { name: "beside the dead", values: [perSecond(besideDead.wallMs)] },
  ];
  return [
    { title: "Live half of the queue", unit: "messages/s, longer is better", groups: [{ label: "", rows }] },
    {
      title: `Restart with ${messages} queued`,
      unit: "seconds to ready, shorter is better",
      groups: [{ label: "", rows: [{ name: "SCoP", values: restartsMs.map(ms => ms / 1_000) }] }],
      goal: { value: 2, label: "goal: 2 s" },
    },
  ];
}

/** What is left of very many values: the median, and how far they are from it. */
function spread(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((one, other) => one - other);
  return [0.05, 0.25, 0.5, 0.75, 0.95].map(share => sorted[Math.floor(share * (sorted.length - 1))]!);
}

/** What was promised and what became of it. */
function countPlots({ figures }: { readonly figures: Readonly<Record<string, number>> }): readonly Plot[] {
  const rows = ["acknowledged", "lost", "stored twice", "other faults"].map(name => ({
    name,
    values: [figures[name] ?? Number.NaN],
  }));
  return [{ title: "Messages", unit: "of those acknowledged, lost and stored twice", groups: [{ label: "", rows }] }];
}

function hostilePlots(result: HostileResult): readonly Plot[] {
  const times = [
    { name: "alone", values: spread(result.quietMs) },
    { name: "in the crowd", values: spread(result.crowdedMs) },
  ];
  const crowd = `beside ${result.idle} idle and ${result.slow} slow connections`;
  const memory = (name: string, value: number, most: number): Plot => ({
    title: "Memory",
    unit: `KiB for each idle connection, ${name}`,
    groups: [{ label: "", rows: [{ name, values: [value] }] }],
    goal: { value: most, label: `at most ${most}` },
  });
  return [
    {
      title: "One message",
      unit: `ms, ${crowd}; dots at 5, 25, 50, 75 and 95 %`,
      groups: [{ label: "", rows: times }],
    },
    memory("plain", result.plainKiB, 10),
    memory("TLS", result.tlsKiB, 60),
  ];
}

function mimePlots({
  runs,
  memory,
}: {
  readonly runs: readonly MimeRun[];
  readonly memory: readonly MemoryRun[];
}): readonly Plot[] {
  const plots = distinct(runs.map(run => run.row)).map((row): Plot => {
    const isComposed = row.startsWith("compose");
    const unit = isComposed ? "thousand messages a CPU-second" : "MB a CPU-second";
    const rate = (run: MimeRun): number => run.octets / (run.cpuMs / 1_000) / (isComposed ? 1_000 : 1_000_000);
    const rows = rowsOf(
      runs.filter(run => run.row === row),
      rate,
    );
    return { title: row, unit: `${unit}, longer is better`, groups: [{ label: "", rows }] };
  });
  const groups = distinct(memory.map(run => run.row)).map(row => ({
    label: row,
    rows: rowsOf(
      memory.filter(run => run.row === row),
      run => run.beyondEmpty / 1e6,
    ),
  }));
  return [...plots, { title: "Memory", unit: "MB beyond an empty process, shorter is better", groups }];
}

/** Of a kind that nobody drew a plot for: CPU time, where it has runs of peers that tell it. */
function peerPlots(body: Result["body"]): readonly Plot[] {
  const runs = Array.isArray(body["runs"]) ? (body["runs"] as readonly Readonly<Record<string, unknown>>[]) : [];
  const told = runs.flatMap(run => {
    const { peer, cpuMs, row } = run;
    if (typeof peer !== "string" || typeof cpuMs !== "number") return [];
    return [{ peer, cpuMs, row: typeof row === "string" ? row : "" }];
  });
  if (told.length === 0) return [];
  const groups = distinct(told.map(run => run.row)).map(label => ({
    label,
    rows: rowsOf(
      told.filter(run => run.row === label),
      run => run.cpuMs,
    ),
  }));
  return [{ title: "Work", unit: "CPU ms, shorter is better", groups }];
}

function rowsOf<Run extends { readonly peer: string }>(
  runs: readonly Run[],
  figure: (run: Run) => number,
): Plot["groups"][number]["rows"] {
  return distinct(runs.map(run => run.peer)).map(peer => ({
    name: peer,
    values: runs.filter(run => run.peer === peer).map(figure),
  }));
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
