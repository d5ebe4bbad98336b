/** Octets of a message that arrived and nobody read yet; then its client waits. Ours: one read of a connection. */
export const UNREAD_OCTETS_MAX: number = 64 * 1024;

/** Octets that all `bytes()` of one receiver hold at once, until their handlers are done. Ours; beyond it 452. */
export const BYTES_OCTETS_MAX: number = 256 * 1024 * 1024;

/** Octets that `bytes()` of one peer hold at once: one message of the usual limit and some small ones. */
export const BYTES_OCTETS_PER_PEER_MAX: number = 64 * 1024 * 1024;

/** Octets of a streamed message that are looked at for the end of its header. Ours; more than any header that is real mail. */
export const STREAM_START_OCTETS: number = 64 * 1024;

/** What a sender may use. */
export interface SenderLimits {
  /** Connections to one destination: a domain, or the one host. */
  readonly connectionsPerDestinationMax: number;
  /** Connections in all. */
  readonly connectionsMax: number;
  /** Messages that one connection carries; then it is closed and another takes its place. */
  readonly messagesPerConnectionMax: number;
  /** Recipients of one transaction; a message to more goes several times. RFC 5321 4.5.3.1.8: every server takes 100. */
  readonly transactionRecipientsMax: number;
  /** Transactions that were given and did not end. */
  readonly waitingMax: number;
  /** Addresses of a destination that are tried. RFC 5321 5.1 */
  readonly addressesMax: number;
  /** Milliseconds to connect to one address. */
  readonly connectTimeoutMs: number;
  /** Milliseconds that a connection without work is kept. */
  readonly idleMs: number;
}

/** The defaults. */
export const senderLimits: SenderLimits = {
  connectionsPerDestinationMax: 5,
  connectionsMax: 50,
  messagesPerConnectionMax: 1_000,
  transactionRecipientsMax: 100,
  waitingMax: 1_000,
  addressesMax: 10,
  connectTimeoutMs: 30_000,
  idleMs: 10_000,
};
