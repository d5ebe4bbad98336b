import type { Platform } from "@scop/platform";
import { RecentMap } from "@scop/wire";
import { SERVERS_MAX } from "./limits.ts";
import { resolveServer, type ServerAnswer, type ServerPlace, type ServerQuestion } from "./resolve-server.ts";
import type { ServerName } from "./server-name.ts";
import type { WellKnownMemory } from "./well-known.ts";

type ResolveIo = Pick<Platform, "clock" | "dns" | "https" | "random">;

/** Where well-known answers are remembered, by host: at best somewhere that outlasts the process. */
export interface WellKnownMemories {
  get(host: string): WellKnownMemory | undefined;
  set(host: string, memory: WellKnownMemory): void;
}

/** Where other servers are. */
export interface ServerPlaces {
  /** Where a server is now; equal questions under way are asked once. Never rejects. */
  find(name: ServerName): Promise<ServerPlace>;
}

async function answerTo(io: ResolveIo, question: ServerQuestion): Promise<ServerAnswer> {
  if (question.do === "fetch") return { on: "fetched", answer: await io.https.get(question) };
  return { on: "answer", answer: await io.dns.srv(question.name) };
}

/** Servers by the look-ups and fetches of a host. Without `memories`, the answers of up to 10,000 hosts are remembered in this process. */
export function serverPlaces(
  io: ResolveIo,
  memories: WellKnownMemories = new RecentMap<WellKnownMemory>(SERVERS_MAX),
): ServerPlaces {
  const underWay = new Map<string, Promise<ServerPlace>>();
  const resolve = async (name: ServerName): Promise<ServerPlace> => {
    const host = name.host.toLowerCase();
    const before = memories.get(host);
    const machine = resolveServer(name, { memory: before, now: io.clock.now(), random: io.random });
    let step = machine.next();
    while (step.done !== true) step = machine.next(await answerTo(io, step.value));
    const { place, memory } = step.value;
    if (memory !== undefined && memory !== before) memories.set(host, memory);
    return place;
  };
  return {
    find: name => {
      const same = underWay.get(name.text);
      if (same !== undefined) return same;
      const asked = resolve(name).finally(() => underWay.delete(name.text));
      underWay.set(name.text, asked);
      return asked;
    },
  };
}
