import type { AuditResult } from "./audit.ts";
import type { CrashPlan } from "./crash-plan.ts";

/** What a whole run found. */
export interface Findings {
  readonly kills: number;
  readonly acknowledged: number;
  readonly audit: AuditResult;
  /** Everything wrong that no audit of messages covers, and what earlier audits found. */
  readonly faults: readonly string[];
  readonly complaints: ReadonlyMap<string, number>;
  /** Named steps at which the server did not die though there were enough kills. */
  readonly unreached: readonly string[];
}

const EXAMPLES_MAX = 10;

/** The table and, as its last line, the verdict. */
export function renderReport(findings: Findings, plan: CrashPlan): readonly string[] {
  const { audit } = findings;
  const rows: readonly (readonly [string, string | number])[] = [
    ["acknowledged", findings.acknowledged],
    ["stored", audit.stored],
    ["removed again", audit.removed],
    ["stored, answer cut off", audit.unacknowledged],
    ["lost", audit.lost.length],
    ["stored twice", audit.twice.length],
    ["other faults", findings.faults.length],
    ["kills at a random time", plan.timed()],
    ...[...plan.hits].map(([point, count]) => [`kills at ${point}`, count] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value).padStart(9)}`),
    ...examples("lost", audit.lost),
    ...examples("twice", audit.twice),
    ...examples("fault", findings.faults),
    ...[...findings.complaints].slice(0, EXAMPLES_MAX).map(([text, count]) => `note: ${text} (${count} times)`),
    verdict(findings),
  ];
}

/** Whether all promises held. */
export function held({ audit, faults, unreached }: Findings): boolean {
  return audit.lost.length + audit.twice.length + faults.length + unreached.length === 0;
}

function verdict(findings: Findings): string {
  const { audit, kills, acknowledged, faults, unreached } = findings;
  const counts = `${audit.lost.length} lost, ${audit.twice.length} stored twice, ${faults.length} other faults`;
  const scope = `of ${acknowledged} acknowledged in ${kills} kills`;
  const missing = unreached.length > 0 ? `; never reached ${unreached.join(", ")}` : "";
  return `${counts} ${scope}${missing}: ${held(findings) ? "held" : "NOT HELD"}`;
}

function examples(kind: string, texts: readonly string[]): readonly string[] {
  const shown = texts.slice(0, EXAMPLES_MAX).map(text => `${kind}: ${text}`);
  return texts.length > EXAMPLES_MAX ? [...shown, `${kind}: and ${texts.length - EXAMPLES_MAX} more`] : shown;
}
