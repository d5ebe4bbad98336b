import type { Peer } from "../peer.ts";
import { startSmtpSink } from "../smtp-sink.ts";

/** Postfix's `smtp-sink`, written in C, which keeps nothing and reads no line: as fast as this load gets on this machine. */
export async function startSink(): Promise<Peer | string> {
  const sink = await startSmtpSink();
  if (typeof sink === "string") return sink;
  return {
    name: "smtp-sink",
    promise: "thrown away as it comes",
    port: sink.port,
    pid: sink.pid,
    settled: () => Promise.resolve(),
    stored: () => Promise.resolve(undefined),
    stop: async () => sink.stop(),
  };
}
