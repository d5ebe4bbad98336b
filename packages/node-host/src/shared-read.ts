import { type OnReadOpts, Socket } from "node:net";

/** Takes a copy of what one read brought; answers whether the socket may read on, or has to wait for `resume`. */
type Take = (bytes: Uint8Array) => boolean;

/** Every socket reads into this, and what came is copied before the next one does. Otherwise Node sets 64 KiB aside for each read. */
const shared = new Uint8Array(64 * 1024);

/** The option that makes a new socket read through the shared octets. It has no `data` events then. */
export function sharedRead(take: Take): OnReadOpts {
  return { buffer: shared, callback: octets => take(shared.slice(0, octets)) };
}

interface Inner {
  _handle: { readonly useUserBuffer?: unknown } | null;
}

/**
 * The same for a socket that a server accepted: the one in its place, which nobody has read from. Node takes the option for connections
 * out alone, so this one moves what is inside; where Node has no such inside any more, the socket comes back as it was.
 */
export function withSharedRead(accepted: Socket, take: Take): Socket {
  const inner = accepted as unknown as Inner;
  const handle = inner._handle;
  if (typeof handle?.useUserBuffer !== "function") return accepted;
  const options: object = { handle, allowHalfOpen: true, onread: sharedRead(take) };
  inner._handle = null;
  return new Socket(options);
}
