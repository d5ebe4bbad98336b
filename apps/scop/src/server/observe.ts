import type { Log, LogLevel, Metrics } from "@scop/platform";
import { type DestinationStream, destination, pino } from "pino";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** JSON lines on standard error, one for each event. */
export function createLog(level: LogLevel): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    oncePerTurn(destination({ dest: 2, sync: true })),
  );
  return { write: (lineLevel, event, fields) => logger[lineLevel]({ ...fields, event }) };
}

/** Writes the lines of one turn of the event loop together: a call to the system for each costs more than all else about it. */
function oncePerTurn(stream: DestinationStream): DestinationStream {
  let lines = "";
  const flush = (): void => {
    const all = lines;
    lines = "";
    if (all !== "") stream.write(all);
  };
  process.on("exit", flush);
  return {
    write: line => {
      if (lines === "") setImmediate(flush);
      lines += line;
    },
  };
}

/** Metrics with the text that Prometheus reads. */
export interface MetricsRegistry extends Metrics {
  text(): Promise<string>;
}

/** A registry of our own, so that two servers in one process do not mix. */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const described = (
    name: string,
    labels: object,
  ): { name: string; help: string; labelNames: string[]; registers: Registry[] } => ({
    name: `scop_${name}`,
    help: name.replaceAll("_", " "),
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  return {
    count: (name, labels = {}, by = 1) => {
      let counter = counters.get(name);
      if (!counter) {
        counter = new Counter(described(name, labels));
        counters.set(name, counter);
      }
      counter.inc(labels, by);
    },
    gauge: (name, value, labels = {}) => {
      let gauge = gauges.get(name);
      if (!gauge) {
        gauge = new Gauge(described(name, labels));
        gauges.set(name, gauge);
      }
      gauge.set(labels, value);
    },
    text: () => registry.metrics(),
  };
}
