import { untilCut } from "./cut.ts";
import type { WorkControl } from "./delivery-loop.ts";
import { type Link, openLink } from "./link.ts";
import { type Reached, reach } from "./reach.ts";
import type { Stage } from "./stage.ts";

/** A session with the first server of a destination that greets us, or the last problem. Rejects with `Cut`. */
export function connectTo(stage: Stage, destination: string, control: WorkControl): Promise<Reached<Link>> {
  const { io, settings, policies } = stage;
  return reach(
    {
      io,
      settings,
      policies,
      wait: pending => untilCut(control, pending, () => undefined),
      open: (hop, address, until) => openLink(stage, control, hop, address, until),
    },
    destination,
  );
}
