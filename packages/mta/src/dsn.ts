import type { DsnRequest } from "@scop/store";

/** Whether a sender wants to hear of an event: who said nothing hears of failures and delays. RFC 3461 4.1 */
export function wants(dsn: DsnRequest, event: "success" | "failure" | "delay"): boolean {
  return dsn.notify === undefined ? event !== "success" : dsn.notify.includes(event);
}

/** For copies that go on from a mailbox: that the message arrived is said once. RFC 3461 5.2.7 */
export function withoutSuccess(dsn: DsnRequest): DsnRequest {
  return dsn.notify === undefined ? dsn : { ...dsn, notify: dsn.notify.filter(event => event !== "success") };
}
