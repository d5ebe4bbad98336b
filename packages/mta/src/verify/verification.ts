import { formatMailbox, parseDomain, type ReversePath } from "@scop/address";
import { type DkimVerdict, type KeyCache, openBodyHashes, openVerification } from "@scop/dkim";
import { type ArcVerdict, openArcVerification } from "@scop/dkim/arc";
import { performVerification } from "@scop/dkim/run";
import type { DmarcQuestion, DmarcVerdict } from "@scop/dmarc";
import { checkDmarc } from "@scop/dmarc/run";
import { openCheck, runCheck } from "@scop/dns/check";
import { withBudget } from "@scop/dns/run";
import { addressesOfField, fields, type Header, mailboxesOf } from "@scop/mime";
import type { IpText, Platform } from "@scop/platform";
import type { SpfVerdict } from "@scop/spf";
import { checkSpf } from "@scop/spf/run";
import { assert, parseIp } from "@scop/wire";
import { DMARC_MS, DMARC_QUESTIONS_MAX, VERIFY_MS, VERIFY_QUESTIONS_MAX } from "../limits.ts";
import { checkIprev, type IprevVerdict } from "./iprev.ts";

/** The capabilities that a verification needs. */
type VerifyIo = Pick<Platform, "clock" | "crypto" | "dns" | "timers">;

/** Where a message comes from. */
export interface Arrival {
  readonly address: IpText;
  readonly helo: string;
  readonly reversePath: ReversePath;
  /** Our own name. */
  readonly receiver: string;
}

/** Who sent a message, and who answers for it. */
export interface Verdicts {
  readonly spf: SpfVerdict;
  /** One a signature, or one that says that there is none. */
  readonly dkim: readonly DkimVerdict[];
  readonly arc: ArcVerdict;
  readonly dmarc: DmarcVerdict;
  readonly iprev: IprevVerdict;
}

/** A verification under way. */
interface MessageVerification {
  /** Octets of the body, in any pieces. */
  feed(bytes: Uint8Array): void;
  /** The verdicts, once the body has come. Never rejects: what DNS does not answer in time is a temperror. */
  end(): Promise<Verdicts>;
}

/** The domains of all mailboxes in all From fields, as DNS has them. RFC 9989 5.3.1 */
function authorDomains(header: Header): readonly string[] {
  const received = fields(header.header, "from").flatMap(field =>
    mailboxesOf(addressesOfField(header.bytes, field).addresses),
  );
  return received.flatMap(({ domain }) => {
    const read = parseDomain(domain);
    return read.ok ? [read.value] : [];
  });
}

function senderOf(path: ReversePath): { readonly localPart: string; readonly domain: string } | undefined {
  if (path.kind === "null") return undefined;
  const text = formatMailbox(path.mailbox);
  return { localPart: path.mailbox.localPart, domain: text.slice(text.lastIndexOf("@") + 1) };
}

/** What SPF and the signatures say about the authors, and what they could not say. */
function dmarcQuestion(
  fromDomains: readonly string[],
  { identity, domain, result }: SpfVerdict,
  dkim: readonly DkimVerdict[],
): DmarcQuestion {
  const sender = identity === "mailfrom" ? domain.toLowerCase() : undefined;
  return {
    fromDomains,
    spfDomain: result === "pass" ? sender : undefined,
    spfUnsureDomain: result === "temperror" ? sender : undefined,
    dkimDomains: dkim.flatMap(verdict => (verdict.result === "pass" ? [verdict.domain] : [])),
    dkimUnsureDomains: dkim.flatMap(verdict =>
      verdict.result === "temperror" && verdict.claims !== undefined ? [verdict.claims.domain] : [],
    ),
  };
}

/**
 * Begins to verify a message whose header is there: SPF, DKIM, ARC and the name of the address at once, DMARC with what they find. All of it asks
 * at most 64 questions within 20 s. One pass over the body serves all signatures. The octets of the header stay unchanged until the end.
 */
export function verifyMessage(io: VerifyIo, keys: KeyCache, arrival: Arrival, header: Header): MessageVerification {
  const dns = withBudget(io, io.dns, { questionsMax: VERIFY_QUESTIONS_MAX, timeMsMax: VERIFY_MS });
  const address = parseIp(arrival.address);
  assert(address.ok, "the host gives addresses");
  const body = openBodyHashes(io.crypto);
  const given = { header, body, now: io.clock.now(), keys };
  const { helo, receiver, reversePath } = arrival;
  const sender = senderOf(reversePath);
  const spfCheck = checkSpf({ dns, clock: io.clock }, { address: address.value, helo, sender, receiver });
  const signatures = performVerification(dns, openVerification(io.crypto, given));
  const chain = performVerification(dns, openArcVerification(io.crypto, given));
  const peer = runCheck(dns, openCheck(checkIprev(arrival.address)));
  return {
    feed: bytes => body.feed(bytes),
    async end() {
      body.end();
      const [spf, iprev] = await Promise.all([spfCheck, peer]);
      const { verdicts: dkim } = await signatures();
      const { verdict: arc } = await chain();
      const own = withBudget(io, io.dns, { questionsMax: DMARC_QUESTIONS_MAX, timeMsMax: DMARC_MS });
      const dmarc = await checkDmarc({ dns: own }, dmarcQuestion(authorDomains(header), spf, dkim));
      return { spf, dkim, arc, dmarc, iprev };
    },
  };
}
