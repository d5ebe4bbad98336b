import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One file of results, of whatever kind. */
export interface Result {
  readonly kind: string;
  readonly command: string;
  readonly time: string;
  readonly commit: string;
  readonly machine: string;
  /** Of crashes and power cuts: which server. */
  readonly server: string | undefined;
  /** All that the file has. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly file: string;
}

/**
 * The newest result of each kind and server in some folders, in the order of their names. A folder that is not there has none; a file
 * that has another shape is named in `strange`.
 */
export async function newestResults(
  folders: readonly string[],
): Promise<{ readonly results: readonly Result[]; readonly strange: readonly string[] }> {
  const newest = new Map<string, Result>();
  const strange: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter(each => each.endsWith(".json"))) {
      const result = await read(join(folder, name));
      if (result === undefined) {
        strange.push(join(folder, name));
        continue;
      }
      const key = `${result.kind} ${result.server ?? ""}`;
      const known = newest.get(key);
      if (known === undefined || known.time < result.time) newest.set(key, result);
    }
  }
  const results = [...newest].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, result]) => result);
  return { results, strange };
}

async function read(file: string): Promise<Result | undefined> {
  try {
    const body = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    const [kind, command, time, commit, machine] = ["kind", "command", "time", "commit", "machine"].map(
      key => body[key],
    );
    if (!isText(kind) || !isText(command) || !isText(time) || !isText(commit) || !isText(machine)) return undefined;
    const server = isText(body["server"]) ? body["server"] : undefined;
    return { kind, command, time, commit, machine, server, body, file };
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
