import type { KeyCache } from "@scop/dkim";
import { type Header, parseHeader } from "@scop/mime";
import type { Envelope, SessionFacts } from "@scop/smtp";
import { EMPTY, latin1Bytes } from "@scop/wire";
import type { Settings } from "../config.ts";
import type { Passing } from "../passing.ts";
import { authenticationFailed, authenticationUnsure } from "../replies.ts";
import { dmarcTally } from "../reports/dmarc-tally.ts";
import type { MtaIo, Stage } from "../stage.ts";
import { type Disposition, dispositionOf, type VerifyPolicy } from "./policy.ts";
import { receivedSpfField, resultsField } from "./results.ts";
import { type Arrival, type Verdicts, verifyMessage } from "./verification.ts";

const REFUSALS = { ever: authenticationFailed, later: authenticationUnsure } as const;

/** What a stage that verifies is given: one that stores mail has it, and so has one that relays in line. */
export interface VerifyStage {
  readonly io: Pick<MtaIo, "clock" | "timers" | "dns" | "crypto" | "log" | "metrics">;
  readonly settings: {
    readonly verify: Pick<Settings["verify"], "receivedSpf" | keyof VerifyPolicy>;
    readonly reports: Pick<Settings["reports"], "about">;
  };
  readonly keys: KeyCache;
}

/**
 * Begins to verify a message and to follow the policy. `message` has the whole header and the first octets of the body, or all. What came of it
 * is known at most 20 s after the last octet.
 */
export function judgeMessage(stage: VerifyStage, arrival: Arrival, message: Header): Passing {
  // Of a large message the header outlives the rest.
  const header = parseHeader(message.bytes.slice(0, message.bodyOffset));
  const verification = verifyMessage(stage.io, stage.keys, arrival, header);
  verification.feed(message.bytes.subarray(message.bodyOffset));
  return {
    adds: "fields",
    feed: bytes => verification.feed(bytes),
    async finish() {
      const verdicts = await verification.end();
      const disposition = dispositionOf(verdicts, stage.settings.verify);
      tell(stage, arrival, verdicts, disposition);
      return {
        refusal: disposition.do === "reject" ? REFUSALS[disposition.until](disposition.reason) : undefined,
        above: stage.settings.verify.receivedSpf === "yes" ? receivedSpfField(verdicts, arrival) : EMPTY,
        fields: latin1Bytes(resultsField(verdicts, arrival)),
        // RFC 9051 2.3.2
        flags: disposition.do === "quarantine" ? ["$Junk"] : [],
        tallies: stage.settings.reports.about.includes("dmarc")
          ? dmarcTally(arrival, verdicts, disposition, stage.io.clock.now())
          : [],
      };
    },
  };
}

function tell(stage: VerifyStage, arrival: Arrival, verdicts: Verdicts, disposition: Disposition): void {
  const { spf, dkim, arc, dmarc, iprev } = verdicts;
  const { log, metrics } = stage.io;
  metrics.count("mta_verdicts_total", { dmarc: dmarc.result, disposition: disposition.do });
  log.write("info", "message verified", {
    address: arrival.address,
    author: dmarc.author,
    spf: spf.result,
    dkim: dkim.map(verdict => verdict.result).join(","),
    arc: arc.result,
    dmarc: dmarc.result,
    iprev: iprev.result,
    disposition: disposition.do,
  });
}

/** Where a message comes from that is to be verified; undefined for one that is not. */
export function arrivalOf(stage: Stage, session: SessionFacts, envelope: Envelope): Arrival | undefined {
  const { peers } = stage.settings.verify;
  const { address } = session.remote;
  const isOurs = address === "::1" || address.startsWith("127.");
  if (peers === "none" || session.identity !== undefined || (peers === "outside" && isOurs)) return undefined;
  const { hostname } = stage.settings;
  return { address, helo: session.helo, reversePath: envelope.reversePath, receiver: hostname };
}
