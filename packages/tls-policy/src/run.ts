import type { DnsAnswer, Https, Platform, TlsaRecord } from "@scop/platform";
import { RecentMap } from "@scop/wire";
import { type DaneAnswer, type DaneOutcome, type DaneQuestion, type DaneSubject, decideDane } from "./dane.ts";
import { type JudgedBy, judgedBy } from "./judged.ts";
import { POLICIES_MAX } from "./limits.ts";
import { requirementOf, type TlsRequirement } from "./requirement.ts";
import { discoverSts, NO_MEMORY, type StsAnswer, type StsMemory, type StsOutcome, type StsQuestion } from "./sts.ts";

type PolicyIo = Pick<Platform, "clock" | "dns"> & { readonly https: Pick<Https, "get"> };

/** Where policies are remembered: at best somewhere that outlasts the process. */
export interface StsMemories {
  get(domain: string): StsMemory | undefined;
  set(domain: string, memory: StsMemory): void;
}

/** What the policies of a domain come to for one mail exchanger. */
export interface TlsDecision {
  readonly requirement: TlsRequirement;
  readonly judged: JudgedBy;
}

/** The policies of other domains. */
export interface TlsPolicies {
  /** How safe the way to a mail exchanger has to be, and by what sessions with it are reported. Never rejects. */
  decide(subject: DaneSubject): Promise<TlsDecision>;
  /** The MTA-STS policy of a domain; equal questions under way are asked once. Never rejects. */
  sts(domain: string): Promise<StsOutcome>;
}

async function answerSts(io: PolicyIo, question: StsQuestion): Promise<StsAnswer> {
  if (question.do === "lookup") return { on: "answer", answer: await io.dns.txt(question.name) };
  return { on: "fetched", answer: await io.https.get(question) };
}

function answerDane(io: PolicyIo, question: DaneQuestion): Promise<DnsAnswer<string> | DnsAnswer<TlsaRecord>> {
  return question.type === "CNAME" ? io.dns.cname(question.name) : io.dns.tlsa(question.name);
}

async function drive<Question, Outcome, Answer>(
  machine: Generator<Question, Outcome, Answer>,
  answer: (question: Question) => Promise<Answer>,
): Promise<Outcome> {
  let step = machine.next();
  while (step.done !== true) step = machine.next(await answer(step.value));
  return step.value;
}

/** Policies by the look-ups and fetches of a host. Without `memories`, those of up to `POLICIES_MAX` domains are remembered in this process. */
export function tlsPolicies(io: PolicyIo, memories: StsMemories = new RecentMap<StsMemory>(POLICIES_MAX)): TlsPolicies {
  const underWay = new Map<string, Promise<StsOutcome>>();
  const discover = async (domain: string): Promise<StsOutcome> => {
    const before = memories.get(domain) ?? NO_MEMORY;
    const outcome = await drive<StsQuestion, StsOutcome, StsAnswer>(
      discoverSts(domain, before, io.clock.now()),
      question => answerSts(io, question),
    );
    if (outcome.memory !== before) memories.set(domain, outcome.memory);
    return outcome;
  };
  const sts = (domain: string): Promise<StsOutcome> => {
    const same = underWay.get(domain);
    if (same !== undefined) return same;
    const asked = discover(domain).finally(() => underWay.delete(domain));
    underWay.set(domain, asked);
    return asked;
  };
  return {
    sts,
    decide: async subject => {
      const dane = await drive<DaneQuestion, DaneOutcome, DaneAnswer>(decideDane(subject), question =>
        answerDane(io, question),
      );
      // What DANE asks for is enough; a web server need not be asked then.
      const found = dane.is === "none" || dane.is === "encrypt" ? await sts(subject.domain) : undefined;
      const requirement = requirementOf(subject.domain, subject.host, dane, found?.policy);
      return { requirement, judged: judgedBy(subject, dane, found) };
    },
  };
}
