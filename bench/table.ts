import type { AcceptRun, SyncCount } from "./accept.ts";
import type { ClientRun } from "./client.ts";
import type { DeliverRun } from "./deliver.ts";
import type { HostileResult } from "./hostile.ts";
import type { ImapMemory, ImapRun } from "./imap.ts";
import type { MatrixMemory, MatrixRun } from "./matrix.ts";
import type { JoinRun } from "./matrix-join.ts";
import type { QueueResult } from "./queue.ts";

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

/** The medians of each peer that delivered. */
export function deliverTable(runs: readonly DeliverRun[]): string {
  const lines = [
    "| connections | server | messages/s | of Postfix | CPU ms/message | of Postfix |",
    "| ---: | --- | ---: | ---: | ---: | ---: |",
  ];
  const rate = (peer: string): number => median(runs, peer, run => run.messages / (run.wallMs / 1_000));
  const cpu = (peer: string): number => median(runs, peer, run => run.cpuMs / run.messages);
  for (const peer of distinct(runs.map(run => run.peer))) {
    const cells = [rate(peer).toFixed(0), ratio(rate(peer), rate("Postfix"))];
    const cpuCells = [cpu(peer).toFixed(3), ratio(cpu(peer), cpu("Postfix"))];
    lines.push(`| ${[runs[0]!.connections, peer, ...cells, ...cpuCells].join(" | ")} |`);
  }
  return lines.join("\n");
}

/** The medians of each client at each number of connections. */
export function clientTable(runs: readonly ClientRun[]): string {
  const lines = [
    "| connections | client | messages/s | of nodemailer | CPU ms/message | of nodemailer |",
    "| ---: | --- | ---: | ---: | ---: | ---: |",
  ];
  for (const connections of distinct(runs.map(run => run.connections))) {
    const here = runs.filter(run => run.connections === connections);
    const rate = (peer: string): number => median(here, peer, run => run.messages / (run.wallMs / 1_000));
    const cpu = (peer: string): number => median(here, peer, run => run.cpuMs / run.messages);
    for (const peer of distinct(here.map(run => run.peer))) {
      const rateCells = [rate(peer).toFixed(0), ratio(rate(peer), rate("nodemailer"))];
      const cpuCells = [cpu(peer).toFixed(3), ratio(cpu(peer), cpu("nodemailer"))];
      lines.push(`| ${[connections, peer, ...rateCells, ...cpuCells].join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

/** The medians of each homeserver: messages that it took, syncs that it answered, and the memory that it has then. */
export function matrixTable(runs: readonly MatrixRun[], memory: readonly MatrixMemory[]): string {
  const lines = [
    "| work | server | a second | of Synapse | CPU ms each | a CPU second, of Synapse |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
  ];
  for (const [work, name] of [
    ["send", "a message into a room, stored"],
    ["sync", "an incremental sync"],
  ] as const) {
    const here = runs.filter(run => run.work === work);
    const rate = (peer: string): number => median(here, peer, run => run.count / (run.wallMs / 1_000));
    const cpu = (peer: string): number => median(here, peer, run => run.cpuMs / run.count);
    for (const peer of distinct(here.map(run => run.peer))) {
      const rateCells = [rate(peer).toFixed(0), ratio(rate(peer), rate("Synapse"))];
      const cpuCells = [cpu(peer).toFixed(3), ratio(cpu("Synapse"), cpu(peer))];
      lines.push(`| ${[name, peer, ...rateCells, ...cpuCells].join(" | ")} |`);
    }
  }
  for (const { peer, kib } of memory) {
    lines.push(`| memory of its processes | ${peer} | ${Math.round((kib * 1_024) / 1e6)} MB | | | |`);
  }
  return lines.join("\n");
}

/** What joining cost each server. */
export function joinTable(runs: readonly JoinRun[]): string {
  const lines = [
    "| server | seconds | of Synapse | CPU seconds | of Synapse | MB before | MB at most | MB after |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  const synapse = runs.find(({ peer }) => peer === "Synapse");
  const mb = (kib: number): string => String(Math.round((kib * 1_024) / 1e6));
  for (const run of runs) {
    const wall = [(run.wallMs / 1_000).toFixed(1), ratio(run.wallMs, synapse?.wallMs ?? 0)];
    const cpu = [(run.cpuMs / 1_000).toFixed(1), ratio(run.cpuMs, synapse?.cpuMs ?? 0)];
    lines.push(`| ${[run.peer, ...wall, ...cpu, ...[run.kibBefore, run.kibMost, run.kibAfter].map(mb)].join(" | ")} |`);
  }
  return lines.join("\n");
}

/** The medians of each peer for each command and for all of them, and the memory that a session needed. */
export function imapTable(runs: readonly ImapRun[], memory: readonly ImapMemory[]): string {
  const lines = [
    "| command | server | CPU ms | of Dovecot | ms | octets |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
  ];
  const peers = distinct(runs.map(run => run.peer));
  const commands = distinct(runs.map(run => run.command));
  const cpu = (peer: string, command: string): number =>
    median(
      runs.filter(run => run.command === command),
      peer,
      run => run.cpuMs / run.sessions,
    );
  for (const command of commands) {
    const here = runs.filter(run => run.command === command);
    for (const peer of peers) {
      const wall = median(here, peer, run => run.wallMs / run.sessions);
      const cells = [
        cpu(peer, command).toFixed(0),
        ratio(cpu(peer, command), cpu("Dovecot", command)),
        wall.toFixed(0),
      ];
      lines.push(`| ${[`\`${command}\``, peer, ...cells, median(here, peer, run => run.octets)].join(" | ")} |`);
    }
  }
  const all = (peer: string): number => commands.reduce((sum, command) => sum + cpu(peer, command), 0);
  for (const peer of peers) {
    lines.push(`| all three | ${peer} | ${all(peer).toFixed(0)} | ${ratio(all(peer), all("Dovecot"))} | | |`);
  }
  lines.push(
    "",
    "| server | memory before, MiB | at most, MiB | each session held, MiB |",
    "| --- | ---: | ---: | ---: |",
  );
  for (const { peer, idleKib, peakKib, sessionKib } of memory) {
    const cells = [idleKib, peakKib, sessionKib].map(kib => (kib / 1_024).toFixed(1));
    lines.push(`| ${[peer, ...cells].join(" | ")} |`);
  }
  return lines.join("\n");
}

/** What a queue with dead destinations took. */
export function queueTable({ messages, alone, besideDead, restartsMs }: QueueResult): string {
  const live = messages / 2;
  const drain = ({ wallMs, cpuMs }: QueueResult["alone"]): string =>
    `| ${(wallMs / 1_000).toFixed(1)} | ${(live / (wallMs / 1_000)).toFixed(0)} | ${(cpuMs / live).toFixed(3)} |`;
  const slowest = Math.max(...restartsMs);
  return [
    "| what | seconds | messages/s | CPU ms/message |",
    "| --- | ---: | ---: | ---: |",
    `| ${live} messages to 500 live destinations ${drain(alone)}`,
    `| the same beside ${live} to 500 dead ones ${drain(besideDead)}`,
    `| restart with ${messages} queued, to \`ready\`, the slowest of ${restartsMs.length} | ${(slowest / 1_000).toFixed(2)} | | |`,
  ].join("\n");
}

/** What a crowd did to a normal client, and cost. */
export function hostileTable(result: HostileResult): string {
  const { idle, slow, tls, held, plainKiB, tlsKiB } = result;
  const [quiet, crowded] = [middleOf(result.quietMs), middleOf(result.crowdedMs)];
  return [
    "| what | figure |",
    "| --- | ---: |",
    `| one message of a normal client, alone, median of ${result.quietMs.length} | ${quiet.toFixed(2)} ms |`,
    `| the same beside ${idle} idle connections and ${slow} that send a byte a second | ${crowded.toFixed(2)} ms |`,
    `| of alone | ${ratio(crowded, quiet)} |`,
    `| of these connections still held | ${held.idle} and ${held.slow} |`,
    `| memory for each idle connection | ${plainKiB.toFixed(1)} KiB |`,
    `| memory for each of ${held.tls} idle connections with TLS (${tls} opened) | ${tlsKiB.toFixed(1)} KiB |`,
  ].join("\n");
}

function ratio(value: number, yardstick: number): string {
  return Number.isNaN(yardstick) || yardstick === 0 ? "-" : `${(value / yardstick).toFixed(2)} x`;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function median<Run extends { readonly peer: string }>(
  runs: readonly Run[],
  peer: string,
  figure: (run: Run) => number,
): number {
  return middleOf(runs.filter(run => run.peer === peer).map(figure));
}

function middleOf(given: readonly number[]): number {
  const figures = given.toSorted((one, other) => one - other);
  const middle = Math.floor(figures.length / 2);
  if (figures.length === 0) return Number.NaN;
  return figures.length % 2 === 1 ? figures[middle]! : (figures[middle - 1]! + figures[middle]!) / 2;
}
