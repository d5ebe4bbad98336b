/**
 * `npm run corpus:archive -- DIR`: writes the archive of a release, data and results without the program: `.tar.gz`, and beside it a list of SHA-256 of
 * every file. The kept inputs of the fuzzer go in as `fuzz/`: no verdict but "no crash, within the budget". The same octets each time.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const FOLDER = dirname(import.meta.dirname);
const KEPT = join(dirname(FOLDER), "fuzz", "corpus");
const PARTS = [
  "schema",
  "suites",
  "blobs",
  "zones",
  "keys",
  "results",
  "templates",
  "LICENSES",
  "NOTES.md",
  "README.md",
];
/** What issue and README promise. */
const ARCHIVE_OCTETS_MAX = 60_000_000;

const target = process.argv[2];
if (target === undefined) {
  console.error("npm run corpus:archive -- DIR");
  process.exit(2);
}
const { version } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as { readonly version: string };
const name = `scop-corpus-${version}`;
const work = mkdtempSync(join(tmpdir(), "corpus-archive-"));
const root = join(work, name);
for (const part of PARTS) cpSync(join(FOLDER, part), join(root, part), { recursive: true });
writeFileSync(join(root, "VERSION"), `${version}\n`);
const kept = existsSync(KEPT);
if (kept) cpSync(KEPT, join(root, "fuzz"), { recursive: true });
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => relative(root, join(entry.parentPath, entry.name)))
  .sort();
const list = files.map(
  path =>
    `${createHash("sha256")
      .update(readFileSync(join(root, path)))
      .digest("hex")}  ${path}\n`,
);
writeFileSync(join(root, "SHA256SUMS"), list.join(""));
mkdirSync(target, { recursive: true });
const path = join(target, `${name}.tar.gz`);
const options = [
  "--sort=name",
  "--mtime=2026-11-27 00:00Z",
  "--owner=0",
  "--group=0",
  "--numeric-owner",
  "--mode=u+rw,go+r-w",
];
const { status, stderr } = spawnSync(
  "tar",
  [...options, "-C", work, "--use-compress-program=gzip -9n", "-cf", path, name],
  { encoding: "utf8" },
);
rmSync(work, { recursive: true });
if (status !== 0) {
  console.error(`tar failed: ${stderr}`);
  process.exit(1);
}
const { size } = statSync(path);
const inputs = files.filter(each => each.startsWith("fuzz")).length;
console.log(`${path}: ${(size / 1e6).toFixed(1)} MB, ${files.length} files, ${inputs} of them inputs of the fuzzer`);
process.exitCode = size <= ARCHIVE_OCTETS_MAX ? 0 : 1;
