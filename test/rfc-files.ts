import { read, type SourceFile, walk } from "./house.ts";
import { scan } from "./scan.ts";

/** Files that may refer to an RFC: sources, tests and READMEs of packages, apps and the simulator. */
export function rfcFiles(): readonly SourceFile[] {
  return ["packages", "apps", "sim"]
    .flatMap(folder => walk(folder))
    .filter(path => path.endsWith(".ts") || path.endsWith("/README.md"))
    .map(path => ({ path, scanned: scan(read(path)) }));
}
