/** What this library speaks: RFC 4616, RFC 7677 with the binding of RFC 9266, and the obsolete LOGIN that old clients still need. */
export type Mechanism = "SCRAM-SHA-256-PLUS" | "SCRAM-SHA-256" | "PLAIN" | "LOGIN";

/** All of them, the strongest first. */
export const MECHANISMS: readonly Mechanism[] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"];

/** Those for connections without a channel binding. RFC 5802 6 */
export const UNBOUND_MECHANISMS: readonly Mechanism[] = MECHANISMS.slice(1);

/**
 * The strongest of the mechanisms that a server offers (names in any case), or undefined where it offers none of ours. `bound`: the connection
 * has a channel binding, without which `-PLUS` is none of ours.
 */
export function chooseMechanism(
  offered: readonly string[],
  bound: "bound" | "unbound" = "unbound",
): Mechanism | undefined {
  const names = new Set(offered.map(name => name.toUpperCase()));
  return (bound === "bound" ? MECHANISMS : UNBOUND_MECHANISMS).find(mechanism => names.has(mechanism));
}

/** The mechanism of this name. RFC 4422 3.1: names are compared without regard to case. */
export function mechanismOf(name: string): Mechanism | undefined {
  return chooseMechanism([name], "bound");
}
