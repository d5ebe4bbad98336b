import { MatrixFault } from "./http.ts";

const TOKEN = /^s([0-9]{1,15})(?:_([0-9]{1,15}))?$/;

/** A place in the stream, as clients keep it. Of messages to a device less may have been told: `toDevice` says up to where. */
export function tokenOf(position: number, toDevice: number = position): string {
  return toDevice === position ? `s${position}` : `s${position}_${toDevice}`;
}

/** The place that a token says. Throws `MatrixFault`. */
export function positionOf(token: string): number {
  return placesOf(token)[0];
}

/** Up to where a token says that messages to the device were told. Throws `MatrixFault`. */
export function toDevicePositionOf(token: string): number {
  return placesOf(token)[1];
}

function placesOf(token: string): readonly [position: number, toDevice: number] {
  const [, position, toDevice = position] = TOKEN.exec(token) ?? [];
  if (position === undefined) throw new MatrixFault(400, "M_INVALID_PARAM", "The token is none of this server.");
  return [Number(position), Number(toDevice)];
}
