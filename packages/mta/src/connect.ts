import type { TlsDemand } from "@scop/store";
import { untilCut } from "./cut.ts";
import type { WorkControl } from "./delivery-loop.ts";
import { type Link, openLink } from "./link.ts";
import { type Reached, reach } from "./reach.ts";
import { type SeenSession, tlsTallies } from "./reports/tls-tally.ts";
import type { Stage } from "./stage.ts";

/** A session with the first server of a destination that greets us, or the last problem. Rejects with `Cut`. */
export function connectTo(
  stage: Stage,
  destination: string,
  demand: TlsDemand,
  control: WorkControl,
): Promise<Reached<Link>> {
  const { io, settings, policies } = stage;
  const saw = (session: Omit<SeenSession, "domain">): void => {
    if (!settings.reports.about.includes("tls")) return;
    stage.tallies.add(tlsTallies({ domain: destination, ...session }, io.clock.now()));
  };
  return reach(
    {
      io,
      settings,
      policies,
      demand,
      wait: pending => untilCut(control, pending, () => undefined),
      unusable: ({ host }, judged) => saw({ host, address: undefined, judged, tls: { is: "untried" } }),
      open: (hop, address, until) =>
        openLink(stage, control, { hop, address, demand, until }, tls => {
          if (hop.judged !== undefined) saw({ host: hop.host, address, judged: hop.judged, tls });
        }),
    },
    destination,
  );
}
