import type { DnsAnswer, Platform } from "@scop/platform";
import type { TlsDemand } from "@scop/store";
import { isVerified, type JudgedBy, type TlsRequirement } from "@scop/tls-policy";
import type { TlsPolicies } from "@scop/tls-policy/run";
import type { Settings } from "./config.ts";
import { CONNECTING_MS } from "./limits.ts";
import { type Problem, problem } from "./problem.ts";
import { findRoute, type Hop } from "./routing.ts";

/** A link to a server that greeted us, or the last problem on the way. */
export type Reached<Link> =
  | { readonly ok: true; readonly link: Link }
  | { readonly ok: false; readonly problem: Problem };

/** A host with what its policies ask of TLS, which goes before `tls` where it asks for more. */
export type SafeHop = Hop & {
  readonly requirement: Exclude<TlsRequirement, { readonly tls: "unusable" }>;
  /** By what sessions with it are reported; undefined for a host that the operator chose. */
  readonly judged: JudgedBy | undefined;
};

const NO_REQUIREMENT: SafeHop["requirement"] = { tls: "opportunistic" };

/** How destinations are reached. */
export interface Way<Link> {
  readonly io: Pick<Platform, "clock" | "dns" | "random" | "metrics">;
  readonly settings: Pick<Settings, "hostname" | "transports" | "relay"> & {
    readonly limits: Pick<Settings["limits"], "addressesMax">;
  };
  /** The policies of the destinations, for hosts that DNS chose. */
  readonly policies: TlsPolicies;
  /** What the mail asks of TLS itself; left out it is as the destination asks. */
  readonly demand?: TlsDemand;
  /** Waits for a look-up; it may reject instead, and so does `reach` then. */
  wait<T>(pending: Promise<T>): Promise<T>;
  /** A host is not used, since its policies can't be met. */
  unusable?(hop: Hop, judged: JudgedBy): void;
  /** One attempt at one address with what it needs of TLS, until `until` of the monotonic clock. */
  open(hop: SafeHop, address: string, until: number): Promise<Reached<Link>>;
}

/**
 * The first server of a destination that greets us, in the order of its route: at most so many addresses, at most `CONNECTING_MS` in
 * all. Otherwise the last problem. RFC 5321 5.1
 */
export async function reach<Link>(way: Way<Link>, destination: string): Promise<Reached<Link>> {
  const { io, settings } = way;
  const route = await way.wait(findRoute(io, settings, destination));
  if (route.to === "nowhere") return { ok: false, problem: problem(route.lasting, route.status, route.text) };
  const until = io.clock.monotonic() + CONNECTING_MS;
  // RFC 5321 5.1: where every exchanger lacks an address there is nobody to wait for.
  let last = problem("permanent", "5.4.4", `${destination}: no mail exchanger has an address`);
  let tried = 0;
  for (const hop of route.hops) {
    const answer = await addressesOf(way, hop);
    if (answer.found === "failure") last = problem("temporary", "4.4.3", `${hop.host}: DNS failed: ${answer.detail}`);
    if (answer.found !== "records") continue;
    const safe = await safeHop(way, destination, hop, answer.authentic);
    if ("unsafe" in safe) {
      last = worthier(last, safe.unsafe);
      continue;
    }
    for (const address of answer.records) {
      if (tried >= settings.limits.addressesMax) break;
      if (io.clock.monotonic() >= until) {
        // Who looked up names for so long has tried nobody yet, or has a problem to tell.
        if (tried === 0) last = problem("temporary", "4.4.1", `${destination}: no time was left to connect`);
        break;
      }
      tried += 1;
      const reached = await way.open(safe, address, until);
      count(way, safe.requirement, reached.ok ? "met" : "failed");
      if (reached.ok) return reached;
      last = worthier(last, explained(reached.problem, safe.requirement));
    }
  }
  return { ok: false, problem: last };
}

/** Of two problems the later one; but that a server lacks REQUIRETLS says nothing about another that may be tried again. RFC 8689 4.2.1 */
function worthier(before: Problem, problem: Problem): Problem {
  return problem.status === "5.7.30" && before.lasting === "temporary" ? before : problem;
}

async function addressesOf<Link>(way: Way<Link>, hop: Hop): Promise<DnsAnswer<string>> {
  if (hop.literal) return { found: "records", records: [hop.host], authentic: false };
  return way.wait(way.io.dns.addresses(hop.host));
}

/** The host with what its policies ask for, or why it must not be used now. What the operator chose has no policy but his own. */
async function safeHop<Link>(
  way: Way<Link>,
  domain: string,
  hop: Hop,
  authentic: boolean,
): Promise<SafeHop | { readonly unsafe: Problem }> {
  const { demand = "usual" } = way;
  // RFC 8689 4.2.2: the author asks not to mind the policies.
  if (demand === "optional") return { ...hop, requirement: NO_REQUIREMENT, judged: undefined };
  if (hop.chosenBy === "operator") {
    const isSafe = hop.tls === "require" || hop.tls === "implicit";
    if (demand === "required" && !isSafe) return { unsafe: unpromised(hop) };
    return { ...hop, requirement: NO_REQUIREMENT, judged: undefined };
  }
  const { host, port } = hop;
  const { requirement, judged } = await way.wait(
    way.policies.decide({
      ...{ domain, host, port },
      exchangers: hop.chosenBy === "authentic-dns" ? "authentic" : "insecure",
      addresses: authentic ? "authentic" : "insecure",
    }),
  );
  if (requirement.tls !== "unusable") {
    if (demand === "required" && !isVerified(requirement)) return { unsafe: unpromised(hop) };
    return { ...hop, requirement, judged };
  }
  way.unusable?.(hop, judged);
  count(way, requirement, "failed");
  return { unsafe: problem("temporary", "4.7.5", `${requirement.why}; nothing is sent there now`) };
}

/** Nobody vouches that a host is the right one, so mail that requires TLS does not go there. RFC 8689 4.2.1 */
function unpromised({ host }: Hop): Problem {
  return problem(
    "permanent",
    "5.7.30",
    `${host}: the message requires TLS, and neither DANE nor MTA-STS vouches for this server`,
  );
}

function count<Link>(way: Way<Link>, requirement: TlsRequirement, result: "met" | "failed"): void {
  const policy = requirement.tls === "opportunistic" ? "none" : requirement.because;
  way.io.metrics.count("mta_tls_policies_total", { policy, result });
}

/** Why a host where TLS did not work is not used without. RFC 3463 3.8: X.7.X is about security. */
function explained(found: Problem, requirement: TlsRequirement): Problem {
  if (requirement.tls === "opportunistic" || !/^4\.7\./.test(found.status)) return found;
  const policy = requirement.because === "dane" ? "DANE (TLSA records)" : "its MTA-STS policy";
  return { ...found, text: `${found.text}. Nothing is sent there in the clear, since ${policy} asks for TLS` };
}
