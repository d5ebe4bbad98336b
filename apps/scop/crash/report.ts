import type { CrashPlan } from "./crash-plan.ts";
import { type Audited, lossesOf, twiceIn } from "./watched.ts";

/** What a whole run found. */
export interface Findings {
  /** How often the server died, and of what: `30 kills`. */
  readonly deaths: string;
  /** The last audit of each store. */
  readonly audits: readonly Audited[];
  /** How often the next hop got what it had, and how often it may have; undefined where that is not judged. */
  readonly repeated: { readonly times: number; readonly max: number | undefined };
  /** Everything wrong that no count of messages covers, and what earlier audits found. */
  readonly faults: readonly string[];
  readonly complaints: ReadonlyMap<string, number>;
  /** Named steps at which the server did not die though there were enough kills. */
  readonly unreached: readonly string[];
}

/** Figures, each with its name. */
export type Figures = readonly (readonly [name: string, value: number])[];

const EXAMPLES_MAX = 10;

/** What was counted, for the table and the file of results. */
export function figuresOf({ audits, repeated, faults }: Findings): Figures {
  const sum = (count: (audited: Audited) => number): number =>
    audits.reduce((total, audited) => total + count(audited), 0);
  return [
    ["acknowledged", sum(({ acknowledged }) => acknowledged)],
    ["stored", sum(({ mailboxes }) => mailboxes.stored)],
    ["removed again", sum(({ mailboxes }) => mailboxes.removed)],
    ["stored, answer cut off", sum(({ mailboxes }) => mailboxes.unacknowledged)],
    ["acknowledged for other domains", sum(({ queue }) => queue.acknowledged)],
    ["delivered to the next hop", sum(({ queue }) => queue.delivered)],
    ["still queued", sum(({ queue }) => queue.queued)],
    ["returned", sum(({ queue }) => queue.returned)],
    ["lost", sum(audited => lossesOf(audited).length)],
    ["stored twice", sum(audited => twiceIn(audited).length)],
    ["sent again to the next hop", repeated.times],
    ...(repeated.max === undefined ? [] : [["connections cut before the 250", repeated.max] as const]),
    ["other faults", faults.length],
  ];
}

/** Named steps and random times, with how often the server died there. */
export function killsOf(plan: CrashPlan): Figures {
  return [
    ["kills at a random time", plan.timed()],
    ...[...plan.hits].map(([point, count]) => [`kills at ${point}`, count] as const),
  ];
}

/** The table and, as its last line, the verdict. */
export function renderReport(findings: Findings, kills: Figures): readonly string[] {
  const { audits, faults, complaints } = findings;
  const rows: Figures = [...figuresOf(findings), ...kills];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value).padStart(9)}`),
    ...examples("lost", audits.flatMap(lossesOf)),
    ...examples("twice", audits.flatMap(twiceIn)),
    ...examples("fault", faults),
    ...[...complaints].slice(0, EXAMPLES_MAX).map(([text, count]) => `note: ${text} (${count} times)`),
    verdict(findings),
  ];
}

/** Whether all promises held. */
export function held({ audits, faults, unreached, repeated }: Findings): boolean {
  const wrong = [...audits.flatMap(lossesOf), ...audits.flatMap(twiceIn), ...faults, ...unreached];
  return wrong.length === 0 && repeated.times <= (repeated.max ?? repeated.times);
}

function verdict(findings: Findings): string {
  const { audits, deaths, faults, repeated, unreached } = findings;
  const lost = audits.flatMap(lossesOf).length;
  const counts = `${lost} lost, ${audits.flatMap(twiceIn).length} stored twice, ${faults.length} other faults`;
  const acknowledged = audits.reduce((sum, audited) => sum + audited.acknowledged, 0);
  const tooOften = repeated.times > (repeated.max ?? repeated.times);
  const again = tooOften ? `; ${repeated.times} sent again, ${repeated.max} allowed` : "";
  const missing = unreached.length > 0 ? `; never reached ${unreached.join(", ")}` : "";
  return `${counts} of ${acknowledged} acknowledged in ${deaths}${again}${missing}: ${held(findings) ? "held" : "NOT HELD"}`;
}

function examples(kind: string, texts: readonly string[]): readonly string[] {
  const shown = texts.slice(0, EXAMPLES_MAX).map(text => `${kind}: ${text}`);
  return texts.length > EXAMPLES_MAX ? [...shown, `${kind}: and ${texts.length - EXAMPLES_MAX} more`] : shown;
}
