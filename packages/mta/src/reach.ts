import type { DnsAnswer, Platform } from "@scop/platform";
import type { Settings } from "./config.ts";
import { CONNECTING_MS } from "./limits.ts";
import { type Problem, problem } from "./problem.ts";
import { findRoute, type Hop } from "./routing.ts";

/** A link to a server that greeted us, or the last problem on the way. */
export type Reached<Link> =
  | { readonly ok: true; readonly link: Link }
  | { readonly ok: false; readonly problem: Problem };

/** How destinations are reached. */
export interface Way<Link> {
  readonly io: Pick<Platform, "clock" | "dns" | "random">;
  readonly settings: Pick<Settings, "hostname" | "transports" | "relay"> & {
    readonly limits: Pick<Settings["limits"], "addressesMax">;
  };
  /** Waits for a look-up; it may reject instead, and so does `reach` then. */
  wait<T>(pending: Promise<T>): Promise<T>;
  /** One attempt at one address, until `until` of the monotonic clock. */
  open(hop: Hop, address: string, until: number): Promise<Reached<Link>>;
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
    for (const address of answer.found === "records" ? answer.records : []) {
      if (tried >= settings.limits.addressesMax || io.clock.monotonic() >= until) break;
      tried += 1;
      const reached = await way.open(hop, address, until);
      if (reached.ok) return reached;
      last = reached.problem;
    }
  }
  return { ok: false, problem: last };
}

async function addressesOf<Link>(way: Way<Link>, hop: Hop): Promise<DnsAnswer<string>> {
  if (hop.literal) return { found: "records", records: [hop.host], authentic: false };
  return way.wait(way.io.dns.addresses(hop.host));
}
