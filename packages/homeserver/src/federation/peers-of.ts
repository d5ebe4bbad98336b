import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import type { Peers } from "./port.ts";

/** Other servers. Throws `MatrixFault` where there are none for this one. */
export function peersOf({ options }: Context): Peers {
  if (options.peers === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "This server speaks to no others.");
  return options.peers;
}
