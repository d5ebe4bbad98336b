import { type Mailbox, parseDomain } from "@scop/address";
import type { Quota, TallyKind } from "@scop/store";
import type { StsMemories } from "@scop/tls-policy/run";
import { assert, type Secret } from "@scop/wire";
import * as limits from "./limits.ts";
import type { VerifyPolicy } from "./verify/policy.ts";

/**
 * `require`: verified TLS by STARTTLS or nothing. `implicit`: verified TLS from the first octet (RFC 8314 3.3). `opportunistic`: TLS where it
 * works, unverified too (RFC 7435). `never`: in the clear.
 */
export type TransportTls = "require" | "implicit" | "opportunistic" | "never";

/** A host that takes mail for a domain, in place of what DNS says. */
export interface Transport {
  /** A host name or an IP address. */
  readonly host: string;
  readonly port: number;
  /** Default `opportunistic`; with credentials `require`, and only that and `implicit` are allowed then. */
  readonly tls?: TransportTls;
  /** For AUTH there, over verified TLS alone. RFC 4954 */
  readonly credentials?: { readonly username: string; readonly password: Secret };
  /** Default `smtp`. RFC 2033 */
  readonly protocol?: "smtp" | "lmtp";
}

/** What one destination takes at a time, where it is less or more than the rest. */
export interface DestinationLimits {
  readonly connectionsMax?: number;
  readonly transactionRecipientsMax?: number;
  /** Messages of one connection. */
  readonly messagesPerConnectionMax?: number;
}

/** Mail that waits for the operator. What is left out matches everything; one of both is there. */
export interface HoldRule {
  /** The recipient's domain, or `.example.org` for every name under it. */
  readonly destination?: string;
  /** The sender's address (as `user@domain`), or its domain in the same forms; empty is the null reverse-path. */
  readonly sender?: string;
}

/** When a delivery that failed for now is tried again. */
export interface RetrySchedule {
  /** Until the second attempt; each later interval is twice the one before. */
  readonly firstMs: number;
  /** No interval is longer, jitter aside. */
  readonly longestMs: number;
  /** Share of an interval, 0 to 1, that it may be longer or shorter. */
  readonly jitter: number;
  /** From acceptance until a delivery is given up. */
  readonly expiresMs: number;
  /** From acceptance until the sender is told that it takes long, which happens once. RFC 3461 4.1 */
  readonly delayReportMs: number;
}

/** What is bounded, with the defaults of `limits.ts`. */
export interface MtaLimits {
  readonly receivedMax: number;
  readonly recipientsMax: number;
  readonly messageOctetsMax: number;
  /** Octets of arriving messages held in memory, all together and for one peer address. */
  readonly sinkOctetsMax: number;
  readonly sinkOctetsPerPeerMax: number;
  readonly aliasDepthMax: number;
  readonly aliasAddressesMax: number;
  readonly connectionsMax: number;
  readonly connectionsPerDestinationMax: number;
  readonly transactionRecipientsMax: number;
  readonly addressesMax: number;
  readonly connectTimeoutMs: number;
}

/** Whose mail is verified, and what comes of it. */
interface VerifySettings extends VerifyPolicy {
  /** `outside`: all but this machine itself, which SPF and DMARC can say nothing about. */
  readonly peers: "all" | "outside" | "none";
  /** Whether what SPF found stands in a field of its own too. RFC 7208 9.1 */
  readonly receivedSpf: "yes" | "no";
}

/** Reports to domains about what was seen of their mail. */
export interface ReportSettings {
  /** What is counted and reported: `dmarc`: mail in their name (RFC 9990), `tls`: TLS of sessions with them (RFC 8460). Default nothing. */
  readonly about: readonly TallyKind[];
  /** From, and whom they may ask; its domain has to have keys, since a report is signed. Default `postmaster` of the first domain. */
  readonly from: Mailbox | undefined;
  /** Who we are, for people. Default the domain of `from`. */
  readonly organization: string | undefined;
}

/** How this server is set up. What changes at run time (domains, accounts, aliases) is in the store. */
export interface MtaConfig {
  /** Our name: in EHLO, in Received and Message-ID, and in delivery reports. */
  readonly hostname: string;
  /** By destination domain (lower case, A-labels); `.example.org` stands for every name under example.org. */
  readonly transports?: ReadonlyMap<string, Transport>;
  /** Where everything else goes that is not local; without it, DNS decides. */
  readonly relay?: Transport;
  /** Between user and tag in a local part (default `+`); empty turns tags off. */
  readonly tagSeparator?: string;
  readonly retry?: Partial<RetrySchedule>;
  /** By destination domain or `.parent`, as `transports`. */
  readonly destinations?: ReadonlyMap<string, DestinationLimits>;
  readonly hold?: readonly HoldRule[];
  /** Where MTA-STS policies are remembered, so that they outlast the process (RFC 8461 5.1); without it they don't. */
  readonly stsMemories?: StsMemories;
  /** What an account may have that has no limits of its own; without it, anything. RFC 9208 5 */
  readonly quota?: Quota;
  readonly verify?: Partial<VerifySettings>;
  readonly reports?: Partial<ReportSettings>;
  readonly limits?: Partial<MtaLimits>;
}

/** A configuration with every default filled in. */
export interface Settings {
  readonly hostname: string;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly relay: Transport | undefined;
  readonly tagSeparator: string;
  readonly retry: RetrySchedule;
  readonly destinations: ReadonlyMap<string, DestinationLimits>;
  readonly hold: readonly HoldRule[];
  readonly quota: Quota;
  readonly verify: VerifySettings;
  readonly reports: ReportSettings;
  readonly limits: MtaLimits;
}

const RETRY: RetrySchedule = {
  firstMs: limits.RETRY_FIRST_MS,
  longestMs: limits.RETRY_LONGEST_MS,
  jitter: limits.RETRY_JITTER,
  expiresMs: limits.RETRY_EXPIRES_MS,
  delayReportMs: limits.DELAY_REPORT_MS,
};

const VERIFY: VerifySettings = {
  peers: "outside",
  receivedSpf: "no",
  onReject: "reject",
  onQuarantine: "quarantine",
  trustedSealers: [],
};

const REPORTS: ReportSettings = { about: [], from: undefined, organization: undefined };

const LIMITS: MtaLimits = {
  receivedMax: limits.RECEIVED_MAX,
  recipientsMax: limits.RECIPIENTS_MAX,
  messageOctetsMax: limits.MESSAGE_OCTETS_MAX,
  sinkOctetsMax: limits.SINK_OCTETS_MAX,
  sinkOctetsPerPeerMax: limits.SINK_OCTETS_PER_PEER_MAX,
  aliasDepthMax: limits.ALIAS_DEPTH_MAX,
  aliasAddressesMax: limits.ALIAS_ADDRESSES_MAX,
  connectionsMax: limits.CONNECTIONS_MAX,
  connectionsPerDestinationMax: limits.CONNECTIONS_PER_DESTINATION_MAX,
  transactionRecipientsMax: limits.TRANSACTION_RECIPIENTS_MAX,
  addressesMax: limits.ADDRESSES_MAX,
  connectTimeoutMs: limits.CONNECT_TIMEOUT_MS,
};

/** Fills in the defaults. */
export function settingsOf(config: MtaConfig): Settings {
  assert(parseDomain(config.hostname).ok, "the host name is a domain");
  for (const transport of [...(config.transports?.values() ?? []), ...(config.relay ? [config.relay] : [])]) {
    const isSafe = transport.credentials === undefined || ["require", "implicit"].includes(tlsOfTransport(transport));
    assert(isSafe, "a password is sent over verified TLS alone");
  }
  for (const rule of config.hold ?? []) {
    assert(rule.destination !== undefined || rule.sender !== undefined, "a rule that holds everything is a mistake");
  }
  return {
    hostname: config.hostname.toLowerCase(),
    transports: config.transports ?? new Map(),
    relay: config.relay,
    tagSeparator: config.tagSeparator ?? "+",
    retry: { ...RETRY, ...config.retry },
    destinations: config.destinations ?? new Map(),
    hold: config.hold ?? [],
    quota: config.quota ?? { octets: undefined, messages: undefined },
    verify: { ...VERIFY, ...config.verify },
    reports: { ...REPORTS, ...config.reports },
    limits: { ...LIMITS, ...config.limits },
  };
}

/** How a transport uses TLS where it does not say. */
export function tlsOfTransport(transport: Transport): TransportTls {
  return transport.tls ?? (transport.credentials === undefined ? "opportunistic" : "require");
}
