import { parseZone, zoneDns } from "@scop/dns/zone";
import { nodePlatform } from "@scop/node-host";
import type { Dns, Platform } from "@scop/platform";
import type { ScopConfig } from "./config.ts";
import { UsageError } from "./fault.ts";
import { readInput } from "./input.ts";
import { resolversOf } from "./settings.ts";

/**
 * The capabilities of a command that asks for names: those of a zone in a file of JSON where there is one, else of the resolvers of the
 * configuration, else of the machine's. Rejects with `UsageError` where the file is no zone.
 */
export async function platformOf(zoneFile: string | undefined, config: ScopConfig): Promise<Platform> {
  if (zoneFile !== undefined) return nodePlatform({ dns: await zoneFileDns(zoneFile) });
  const resolvers = resolversOf(config.resolvers);
  return nodePlatform(resolvers ? { resolvers } : {});
}

async function zoneFileDns(file: string): Promise<Dns> {
  const read = parseZone(parseJson(file, Buffer.from(await readInput(file)).toString("utf8")));
  if (!read.ok) throw new UsageError(`${file}: ${read.at} should be ${read.expected}`);
  return zoneDns(read.zone);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
