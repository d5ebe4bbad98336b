/** How much a line of the log matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Values that may be logged: never a secret, never the content of mail. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A structured log. */
export interface Log {
  /** One event: a fixed sentence, and what it is about as fields. */
  write(level: LogLevel, event: string, fields?: LogFields): void;
}

/** Labels of a metric, few and with few values each. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Figures about the running system. Names are snake_case with the unit last. */
export interface Metrics {
  count(name: string, labels?: MetricLabels, by?: number): void;
  gauge(name: string, value: number, labels?: MetricLabels): void;
}

/** A log and metrics that go nowhere, for libraries used alone. */
export const silent: { readonly log: Log; readonly metrics: Metrics } = {
  log: { write: () => undefined },
  metrics: { count: () => undefined, gauge: () => undefined },
};
