import type { WorkControl } from "./delivery-loop.ts";

/** Rejects what is waited for when the worker is cut. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** Waits for something that can't be stopped, but not beyond a cut; what comes later is given to `discard`. */
export function untilCut<T>(control: WorkControl, pending: Promise<T>, discard: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isCut = false;
    control.onCut(() => {
      isCut = true;
      reject(new Cut("cut"));
    });
    pending.then(value => (isCut ? discard(value) : resolve(value)), reject);
  });
}
