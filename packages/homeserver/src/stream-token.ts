import { MatrixFault } from "./http.ts";

/** Older than all that was known of a room when this server came into it: places below 0. */
const TOKEN = /^s(-?[0-9]{1,15})(?:_([0-9]{1,15}))?(?:_([0-9]{1,15}))?$/;

/** What no place in the stream is before. */
export const FIRST_PLACE: number = Number.MIN_SAFE_INTEGER;

/** A place in the stream, as clients keep it. */
export function tokenOf(position: number): string {
  return `s${position}`;
}

/**
 * The same for `/sync`. Of messages to a device less may have been told: `toDevice` says up to where; `live` is how much had happened that is
 * never stored.
 */
export function syncTokenOf(position: number, toDevice: number, live: number): string {
  return `s${position}_${toDevice}_${live}`;
}

/** The place that a token says. Throws `MatrixFault`. */
export function positionOf(token: string): number {
  return placesOf(token).position;
}

/** Up to where a token says that messages to the device were told. Throws `MatrixFault`. */
export function toDevicePositionOf(token: string): number {
  return placesOf(token).toDevice;
}

/** How much had happened that is never stored; 0 where the token does not say. Throws `MatrixFault`. */
export function liveCountOf(token: string): number {
  return placesOf(token).live;
}

function placesOf(token: string): { readonly position: number; readonly toDevice: number; readonly live: number } {
  const [, position, toDevice = position, live = 0] = TOKEN.exec(token) ?? [];
  if (position === undefined) throw new MatrixFault(400, "M_INVALID_PARAM", "The token is none of this server.");
  return { position: Number(position), toDevice: Number(toDevice), live: Number(live) };
}
