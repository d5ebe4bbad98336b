/**
 * `npm run corpus:coverage`: how much of our libraries the cases alone run. What the corpus asks for is reading and judging; what a library writes
 * besides (composing, signing, sending) is counted in a row of its own and is no matter of the corpus. `--files` shows each file.
 */
import { coverageOf, type FileCounts, percent } from "../../scripts/lcov.ts";

const TIMEOUT_MS = 300_000;
const PACKAGES = ["address", "mime", "smtp", "dkim", "spf", "dmarc", "imap"] as const;

/** Files that read nothing: they compose, sign, send, drive or report, or serve the session of a mailbox. */
const OTHER: Readonly<Record<(typeof PACKAGES)[number], RegExp>> = {
  address: /\/(?:mailto|idna\/)/,
  mime: /\/(?:compose|encode|draft|edit|report|delivery-report|resent|fold|tnef|mapi|compressed|message-reader|transfer-decoder|run|arbitrary|flowed|uuencode|list-fields|received|embedded|content-fields|kept|media)/,
  smtp: /\/(?:client|outcome|dot-stuffing|reply-reader|server-driver|run|xtext|admission|deadline)/,
  dkim: /\/(?:sign|signer|format|run|results|arbitrary|arc\/seal)\.ts/,
  spf: /\/(?:received-spf|run|arbitrary)\.ts/,
  dmarc: /\/(?:report\/|destinations|run|arbitrary)/,
  imap: /\/(?!parse-|framer|reader|arguments|utf7|syntax|date-time|mailbox-name)[a-z-]+\.ts|\/extensions\//,
};

function row(name: string, files: readonly FileCounts[]): string {
  const [lines, branches] = [percent(files, "linesRun", "lines"), percent(files, "branchesRun", "branches")];
  return `| ${name} | ${files.length} | ${lines.toFixed(1)} % | ${branches.toFixed(1)} % |`;
}

const files = coverageOf(PACKAGES, ["corpus/evidence/all-cases.ts"], TIMEOUT_MS);
console.log("| library | files | lines | branches |\n| --- | ---: | ---: | ---: |");
const reading: FileCounts[] = [];
for (const name of PACKAGES) {
  const own = files.filter(({ path }) => path.startsWith(`packages/${name}/src/`));
  const core = own.filter(({ path }) => !OTHER[name].test(path));
  reading.push(...core);
  console.log(row(`${name}, what reads and judges`, core));
  console.log(row(`${name}, all that was loaded`, own));
  if (process.argv.includes("--files")) for (const file of core) console.log(row(file.path, [file]));
}
console.log(row("all that reads and judges", reading));
