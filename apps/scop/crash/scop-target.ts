import { readFile } from "node:fs/promises";
import { CRASH_POINTS } from "../src/server/crash-points.ts";
import { NEXT_HOP_DOMAIN } from "./next-hop.ts";
import { certificatePath, freePorts, startServer } from "./server-process.ts";
import { checkStore } from "./store-check.ts";
import type { MakeTarget } from "./target.ts";

/** Makes targets that are our own server, with these variables in its environment. */
export function scopTargets(environment: Readonly<Record<string, string>>): MakeTarget {
  return async (data, nextHopPort) => {
    const ports = await freePorts();
    return {
      points: CRASH_POINTS,
      newFolderPoints: new Set(["database-created", "folder-synced"]),
      smtp: ports.smtp,
      imaps: ports.imaps,
      submission: { port: ports.submission, login: true },
      start: point =>
        startServer({
          ...{ data, ports },
          environment: { ...environment, ...(point === undefined ? {} : { SCOP_CRASH_AT: point }) },
          options: ["--demo", "--log-level", "warn", "--transport", `.${NEXT_HOP_DOMAIN}=127.0.0.1:${nextHopPort}`],
        }),
      certificate: () => readFile(certificatePath(data)),
      inspect: () => checkStore(data),
    };
  };
}
