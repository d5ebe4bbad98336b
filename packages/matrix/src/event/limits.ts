/** Events that an event names as its permission. Server-server API, PDUs */
export const AUTH_EVENTS_MAX = 10;

/** Events that an event comes after. Server-server API, PDUs */
export const PREV_EVENTS_MAX = 20;

/** The highest depth that canonical JSON can say: what follows an event that stands there stands there as well. */
export const DEPTH_MAX: number = Number.MAX_SAFE_INTEGER;
