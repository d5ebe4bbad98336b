import { MatrixFault } from "./http.ts";

const TOKEN = /^s[0-9]{1,15}$/;

/** A place in the stream, as clients keep it. */
export function tokenOf(position: number): string {
  return `s${position}`;
}

/** The place that a token says. Throws `MatrixFault`. */
export function positionOf(token: string): number {
  if (!TOKEN.test(token)) throw new MatrixFault(400, "M_INVALID_PARAM", "The token is none of this server.");
  return Number(token.slice(1));
}
