import type { DnsAnswer } from "@scop/platform";
import { untilCut } from "./cut.ts";
import type { WorkControl } from "./delivery-loop.ts";
import { CONNECTING_MS } from "./limits.ts";
import { type Opened, openLink } from "./link.ts";
import { problem } from "./problem.ts";
import { findRoute, type Hop } from "./routing.ts";
import type { Stage } from "./stage.ts";

/**
 * A session with the first server of a destination that greets us, in the order of its route: at most so many addresses, at most
 * `CONNECTING_MS` in all. Otherwise the last problem. Rejects with `Cut`. RFC 5321 5.1
 */
export async function connectTo(stage: Stage, destination: string, control: WorkControl): Promise<Opened> {
  const { io, settings } = stage;
  const route = await untilCut(control, findRoute(io, settings, destination), () => undefined);
  if (route.to === "nowhere") return { ok: false, problem: problem(route.lasting, route.status, route.text) };
  const until = io.clock.monotonic() + CONNECTING_MS;
  // RFC 5321 5.1: where every exchanger lacks an address there is nobody to wait for.
  let last = problem("permanent", "5.4.4", `${destination}: no mail exchanger has an address`);
  let tried = 0;
  for (const hop of route.hops) {
    const answer = await addressesOf(stage, control, hop);
    if (answer.found === "failure") last = problem("temporary", "4.4.3", `${hop.host}: DNS failed: ${answer.detail}`);
    for (const address of answer.found === "records" ? answer.records : []) {
      if (tried >= settings.limits.addressesMax || io.clock.monotonic() >= until) break;
      tried += 1;
      const opened = await openLink(stage, control, hop, address, until);
      if (opened.ok) return opened;
      last = opened.problem;
    }
  }
  return { ok: false, problem: last };
}

async function addressesOf(stage: Stage, control: WorkControl, hop: Hop): Promise<DnsAnswer<string>> {
  if (hop.literal) return { found: "records", records: [hop.host], authentic: false };
  return untilCut(control, stage.io.dns.addresses(hop.host), () => undefined);
}
