import type { Store } from "./port.ts";

/** What the suite needs from whoever runs it. */
export interface ContractHarness {
  /** Registers one test. */
  test(name: string, body: () => Promise<void>): void;
  /** A new, empty store. */
  open(): Promise<Store>;
  /** Closes a store and opens what it left. */
  reopen(store: Store): Promise<Store>;
  /** Fails the test unless both are deeply and strictly equal. */
  equal(actual: unknown, expected: unknown, what: string): void;
}
