import type { IpText } from "@scop/wire";

/** One end of a connection. */
export interface Endpoint {
  readonly address: IpText;
  readonly port: number;
}

/** What is wrong with a server's certificate: its time, its name, who issued it, or that another one was expected. */
export type CertificateFault = "expired" | "host" | "untrusted" | "unexpected";

/** What is known about the TLS layer of a connection. */
export interface TlsInfo {
  /** As in `TLSv1.3`. */
  readonly protocol: string;
  /** IANA's name of the cipher suite. */
  readonly cipher: string;
  /** Whether the peer's certificate chain and name were verified. */
  readonly verified: boolean;
  /** Why it was not, where it was looked at and that is known. */
  readonly fault?: CertificateFault;
  /** 32 octets that both ends of this connection know and nobody else, where TLS 1.3 gives them. RFC 9266 4.2 */
  readonly exporter?: Uint8Array;
}

/** What a TLS server showed of itself. */
export interface PeerCertificates {
  /** As the server sent them, in DER, its own first; at least one. */
  readonly chain: readonly Uint8Array[];
  /**
   * Whether the server's certificate names one of `names` (RFC 6125), every certificate up to `chain[at]` was issued by the one after it,
   * and all of them are valid now. Whether `chain[at]` is to be believed is for the caller to know.
   */
  isIssuedUnder(at: number, names: readonly string[]): boolean;
}

/** How to become TLS on a connection that exists. */
export type TlsRole =
  | { readonly role: "server" }
  | {
      readonly role: "client";
      /** The name to ask for and to verify. */
      readonly serverName: string;
      /**
       * `require`: fail unless verified. `opportunistic`: go on and report `verified: false`. A function: fail unless it says yes, whatever
       * the usual authorities say.
       */
      readonly verify: "require" | "opportunistic" | ((peer: PeerCertificates) => boolean);
    };

/**
 * A byte stream to one peer. Nothing is read until it is asked for, so that a slow reader slows its peer and nobody else.
 * After `close`, `abort` or an error, `read` answers undefined and `write` resolves without effect.
 */
export interface Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Present once the connection is encrypted. */
  readonly tls: TlsInfo | undefined;
  /** The next octets, at most 64 KiB; undefined at the end of the stream. One call at a time. The bytes belong to the caller. */
  read(): Promise<Uint8Array | undefined>;
  /** Sends octets in order. Resolves when the next may be given: at once, or when the peer has taken enough of what waits. */
  write(bytes: Uint8Array): Promise<void>;
  /** As `write`, for octets that stand in several places: they leave together and are not joined before. */
  writeParts(parts: readonly Uint8Array[]): Promise<void>;
  /**
   * Starts TLS on the raw stream. The caller has no `read` outstanding. Octets that were received but not yet read before the
   * handshake are a command injection: the call then rejects and the connection is closed. Rejects where the handshake fails, with `TlsFailed`
   * where that is known to be for the certificate.
   */
  startTls(as: TlsRole): Promise<TlsInfo>;
  /** Sends what was written, then closes. Resolves when it is done or has failed. */
  close(): Promise<void>;
  /** Drops the connection and all that waits. */
  abort(): void;
}

/** Why a handshake failed: `fault` where it was for the certificate. */
export class TlsFailed extends Error {
  override readonly name = "TlsFailed";
  readonly fault: CertificateFault | undefined;

  constructor(detail: string, fault?: CertificateFault) {
    super(detail);
    this.fault = fault;
  }
}

/** Why a connection could not be made. */
export class ConnectFailed extends Error {
  override readonly name = "ConnectFailed";
}

/** Connections out. */
export interface Net {
  /** Connects or rejects with `ConnectFailed` within the time given. */
  connect(to: { readonly address: string; readonly port: number; readonly timeoutMs: number }): Promise<Connection>;
}
