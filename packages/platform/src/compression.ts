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
