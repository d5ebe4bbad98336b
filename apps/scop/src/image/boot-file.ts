import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `work` with a boot file made of the files that are given, by the names of their parts; with none there is none. It is removed after that. */
export async function withBootFile(
  parts: Readonly<Record<string, string | undefined>>,
  work: (bootFile: string | undefined) => Promise<void>,
): Promise<void> {
  const given = Object.entries(parts).flatMap(([name, file]) => (file === undefined ? [] : [{ name, file }]));
  if (given.length === 0) return work(undefined);
  const folder = await mkdtemp(join(tmpdir(), "scop-boot-"));
  try {
    const octets = await Promise.all(given.map(each => readFile(each.file)));
    const pieces = given.flatMap(({ name }, at) => [Buffer.from(`${name} ${octets[at]!.length}\n`), octets[at]!]);
    // The folder is ours alone.
    await writeFile(join(folder, "boot"), Buffer.concat(pieces), { mode: 0o600 });
    await work(join(folder, "boot"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
