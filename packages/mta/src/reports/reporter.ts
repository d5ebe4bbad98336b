import { formatMailbox, parseMailbox } from "@scop/address";
import type { Signer } from "@scop/dkim";
import { withBudget } from "@scop/dns/run";
import type { Timer } from "@scop/platform";
import {
  type Change,
  type NewBlob,
  newBlob,
  StoreUnavailable,
  TALLIES_MAX,
  type TallyDay,
  type TallyKind,
} from "@scop/store";
import { assert, hexEncode } from "@scop/wire";
import { enqueueChanges } from "../enqueue.ts";
import {
  REPORT_DELAY_MS_MAX,
  REPORT_FIRST_LOOK_MS,
  REPORT_ID_OCTETS,
  REPORT_KEPT_DAYS,
  REPORT_LOOK_MS,
  REPORT_MS_MAX,
  REPORT_POST_DAYS,
  REPORT_QUESTIONS_MAX,
} from "../limits.ts";
import { decideRelay } from "../relay.ts";
import { unit } from "../schedule.ts";
import type { Stage } from "../stage.ts";
import { dayOf } from "./day.ts";
import { DMARC_REPORTS } from "./dmarc-report.ts";
import type { Content, Destinations, Reporting, ReportKind } from "./report-kind.ts";
import { type ReportMail, reportMail } from "./report-mail.ts";
import { postReport } from "./report-post.ts";
import { TLS_REPORTS } from "./tls-report.ts";

/** What became of what was counted for a domain on a day. */
export interface ReportOutcome {
  readonly about: TallyKind;
  readonly domain: string;
  /** Since 1970-01-01, UTC. */
  readonly day: number;
  /** Messages or sessions. */
  readonly counted: number;
  /**
   * `queued`: the reports are in the queue. `ready`: they would be. `nobody`: the domain wants none any more, or nobody there takes them, and what
   * was counted is forgotten. `later`: DNS did not answer, or more was counted meanwhile. `unsigned`: the domain in From has no key. `posted`: a web
   * server took it. `unposted`: none of those that the domain names does.
   */
  readonly outcome: "queued" | "ready" | "nobody" | "later" | "unsigned" | "posted" | "unposted";
  /** Mailboxes, or a URL. */
  readonly to: readonly string[];
}

/** Which days are reported, and whether it is only looked at what would be sent. */
export interface ReportRun {
  /** Days before this one (since 1970-01-01, UTC). */
  readonly before: number;
  readonly mode: "send" | "look";
}

/** Sends what was counted to who wants to know. */
interface Reporter {
  /** Sends once a day from now on, some time after midnight (UTC). */
  start(): void;
  stop(): void;
  /** Rejects with `StoreUnavailable`, or where the signer can't be reached. */
  run(run: ReportRun): Promise<readonly ReportOutcome[]>;
}

const KINDS: readonly ReportKind[] = [DMARC_REPORTS, TLS_REPORTS];

/** The reporter of a server; without reports in its configuration it does nothing. */
export function openReporter(stage: Stage): Reporter {
  const { io } = stage;
  // Not all servers at once, and not one a second after the other.
  const delayMs = Math.floor(unit(io.random) * REPORT_DELAY_MS_MAX);
  let timer: Timer | undefined;
  let phase: "new" | "running" | "over" = "new";
  const run = async ({ before, mode }: ReportRun): Promise<readonly ReportOutcome[]> => {
    const outcomes: ReportOutcome[] = [];
    const author = await authorOf(stage);
    for (const kind of KINDS) {
      if (!stage.settings.reports.about.includes(kind.about)) continue;
      for (const tallied of await stage.store.tallyDays(kind.about, before, TALLIES_MAX)) {
        if (phase === "over") return outcomes;
        const { outcome, to } = await reportDay({ stage, kind, mode, author, tallied });
        outcomes.push({ about: kind.about, ...tallied, outcome, to });
        tell(stage, kind.about, tallied, outcome);
      }
    }
    return outcomes;
  };
  const look = async (): Promise<void> => {
    try {
      await run({ before: dayOf(io.clock.now() - delayMs), mode: "send" });
    } catch (error) {
      const level = error instanceof StoreUnavailable ? "warn" : "error";
      io.log.write(level, "reports wait", { error: error instanceof Error ? error.message : String(error) });
    }
    wait(REPORT_LOOK_MS);
  };
  const wait = (afterMs: number): void => {
    if (phase === "running") timer = io.timers.set(afterMs, () => void look());
  };
  return {
    start() {
      if (phase !== "new" || stage.settings.reports.about.length === 0) return;
      phase = "running";
      wait(REPORT_FIRST_LOOK_MS);
    },
    stop() {
      phase = "over";
      timer?.clear();
    },
    run,
  };
}

/** Who reports, and who signs it. */
interface Author {
  readonly reporting: Reporting;
  readonly signer: Signer;
}

/** In whose name we report; undefined where nobody's key would sign it. RFC 9990 3.5.2: reports pass DMARC. */
async function authorOf({ settings, directory, signer, io }: Stage): Promise<Author | undefined> {
  const first = await directory.firstDomain();
  const fallback = first === undefined ? undefined : parseMailbox(`postmaster@${first}`);
  const from = settings.reports.from ?? (fallback?.ok ? fallback.value : undefined);
  if (from === undefined || signer === undefined || (await signer.keys(from.domain)).length === 0) return undefined;
  const id = (): string => hexEncode(io.random.bytes(REPORT_ID_OCTETS));
  return { reporting: { from, organization: settings.reports.organization ?? from.domain, id }, signer };
}

/** One day of one domain. */
interface DayRun {
  readonly stage: Stage;
  readonly kind: ReportKind;
  readonly mode: ReportRun["mode"];
  readonly author: Author | undefined;
  readonly tallied: TallyDay;
}

type Ended = Pick<ReportOutcome, "outcome" | "to">;

/** Reports one day of one domain. What was counted goes in the transaction that queues the report, so that both happen once. */
async function reportDay(run: DayRun): Promise<Ended> {
  const { stage, kind, author, tallied } = run;
  const { domain, day } = tallied;
  if (author === undefined) return withoutReport(run, "unsigned");
  const dns = withBudget(stage.io, stage.io.dns, { questionsMax: REPORT_QUESTIONS_MAX, timeMsMax: REPORT_MS_MAX });
  const wanted = await kind.destinations({ dns }, domain);
  if (wanted.result === "temperror") return withoutReport(run, "later");
  const contents = kind.contents(author.reporting, tallied, await stage.store.tallies(kind.about, day, domain));
  if (wanted.endpoints.length > 0 && contents.length > 0) return posted(run, contents, wanted.endpoints);
  const mails: ReportMail[] = [];
  for (const content of contents) {
    const mail = await reportMail(stage, author.signer, author.reporting, content, wanted.destinations);
    if (mail !== undefined) mails.push(mail);
  }
  if (mails.length === 0) return withoutReport(run, "nobody");
  const to = [...new Set(mails.flatMap(mail => mail.to.map(formatMailbox)))];
  if (run.mode === "look") return { outcome: "ready", to };
  const isQueued = await queued(stage, mails, forgetting(run));
  return isQueued ? { outcome: "queued", to } : { outcome: "later", to: [] };
}

/**
 * Gives a report to a web server. What was counted goes after that one said that it has it: a crash between the two, or a count that comes
 * between them, means that it is told again, since no transaction spans two machines.
 */
async function posted(run: DayRun, contents: readonly Content[], endpoints: Destinations["endpoints"]): Promise<Ended> {
  if (run.mode === "look") return { outcome: "ready", to: endpoints.map(({ url }) => url) };
  const takers = new Set<string>();
  for (const content of contents) {
    const taker = await postReport(run.stage.io, content, endpoints);
    if (taker === undefined) return withoutReport(run, "unposted");
    takers.add(taker.url);
  }
  const result = await run.stage.store.transaction({ changes: [forgetting(run)] });
  return result.ok ? { outcome: "posted", to: [...takers] } : { outcome: "later", to: [] };
}

function forgetting({ kind, tallied }: DayRun): Change {
  const { day, domain, counted } = tallied;
  return { change: "forget-tallies", about: kind.about, day, domain, counted };
}

/** Forgets what nobody wants to know, and what has waited for too long. */
async function withoutReport(run: DayRun, outcome: "nobody" | "later" | "unsigned" | "unposted"): Promise<Ended> {
  const { stage, mode, tallied } = run;
  const keptDays = outcome === "unposted" ? REPORT_POST_DAYS : REPORT_KEPT_DAYS;
  const isOver = outcome === "nobody" || tallied.day < dayOf(stage.io.clock.now()) - keptDays;
  if (isOver && mode === "send") await stage.store.transaction({ changes: [forgetting(run)] });
  return { outcome, to: [] };
}

/** Puts reports into the queue, unless what they tell was reported or added to meanwhile. */
async function queued(stage: Stage, mails: readonly ReportMail[], forget: Change): Promise<boolean> {
  const { store, settings, io } = stage;
  const now = io.clock.now();
  const decision = decideRelay({ origin: "report" });
  assert(decision.may, "a report may go out");
  const blobs: NewBlob[] = [];
  for (const { bytes } of mails) blobs.push(await newBlob(store, [bytes]));
  const changes = mails.flatMap(({ to, tls }, index) =>
    enqueueChanges(
      settings.hold,
      {
        blob: { new: index },
        blobOffset: 0,
        // Nobody is to be told where it can't be delivered.
        reversePath: "",
        eightBit: false,
        utf8Header: false,
        content: "lines",
        tls,
        due: now,
        expires: now + settings.retry.expiresMs,
      },
      to.map(mailbox => ({ permit: decision.permit, mailbox })),
    ),
  );
  const result = await store.transaction({ blobs, changes: [forget, ...changes] });
  return result.ok;
}

function tell(stage: Stage, about: TallyKind, { domain, day, counted }: TallyDay, outcome: string): void {
  stage.io.metrics.count("mta_reports_sent_total", { about, outcome });
  stage.io.log.write("info", "report", { about, domain, day, counted, outcome });
}
