import type { Connection } from "./net.ts";

/** Compressed connections. */
export interface Compression {
  /**
   * A connection whose octets are compressed both ways (raw DEFLATE, RFC 1951) over this one, which belongs to it from then on. Each write is
   * flushed. Octets are made from what the peer sends only as they are read, and where they become many more than came, or can't be read, the
   * connection ends: so little input can't fill memory or time. TLS can't be started on it.
   */
  deflate(connection: Connection): Connection;
}

/** Compressed files. */
export interface Gzip {
  /** The octets as a gzip file without name and time (RFC 1952): the same octets give the same file. */
  pack(bytes: Uint8Array): Promise<Uint8Array>;
}
