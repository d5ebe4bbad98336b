/**
 * `npm run corpus:archive -- DIR`: writes the archive of a release, data and results without the program, as `.tar.gz`, `.tar.zst` and `.zip`; within it is a list of
 * SHA-256 of every file. The kept inputs of the fuzzer go in as `fuzz/`: no verdict but "no crash, within the budget". The same octets each time.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { writeInputs } from "./inputs-file.ts";
import { zipOf } from "./zip.ts";

const FOLDER = dirname(import.meta.dirname);
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
const TAR_OCTETS_MAX = 1 << 29;
const ZSTD_LEVEL = 19;

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
const inputs = writeInputs(join(FOLDER, "inputs"), join(root, "fuzz"));
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
const options = [
  "--sort=name",
  "--mtime=2026-11-27 00:00Z",
  "--owner=0",
  "--group=0",
  "--numeric-owner",
  "--mode=u+rw,go+r-w",
];
const { status, stdout, stderr } = spawnSync("tar", [...options, "-C", work, "-cf", "-", name], {
  maxBuffer: TAR_OCTETS_MAX,
});
if (status !== 0) {
  console.error(`tar failed: ${stderr.toString()}`);
  process.exit(1);
}
const entries = [...files, "SHA256SUMS"].sort().map(path => ({
  name: `${name}/${path}`,
  bytes: readFileSync(join(root, path)),
}));
const archives: readonly (readonly [ending: string, bytes: Uint8Array])[] = [
  ["tar.gz", gzipSync(stdout, { level: 9 })],
  ["tar.zst", zstdCompressSync(stdout, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })],
  ["zip", zipOf(entries)],
];
rmSync(work, { recursive: true });
for (const [ending, bytes] of archives) {
  const path = join(target, `${name}.${ending}`);
  writeFileSync(path, bytes);
  const hash = createHash("sha256").update(bytes).digest("hex");
  console.log(`${path}: ${(bytes.length / 1e6).toFixed(1)} MB, SHA-256 ${hash.slice(0, 16)}`);
  if (bytes.length > ARCHIVE_OCTETS_MAX) process.exitCode = 1;
}
console.log(`${files.length} files, ${inputs} of them inputs of the fuzzer`);
