import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What is parsed: real messages of 2,000 to 20,000 octets, or one message of 25 MB with this body. */
export type InputName = "small" | "base64" | "utf8" | "quoted";

export const LARGE: readonly InputName[] = ["base64", "utf8", "quoted"];
const LARGE_OCTETS = 25_000_000;
const SMALL_OCTETS: readonly [min: number, max: number] = [2_000, 20_000];
const SEED = 2026;

/** Where the suite of real messages is. */
export function suiteFolder(): string {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  return join(resolve(root, process.env["SCOP_SUITES"] ?? "../shared/suites"), "eml");
}

/** All messages of the suite, in one order everywhere. */
export function suiteFiles(): readonly string[] {
  return readdirSync(suiteFolder(), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/^(?:LICEN|COPYING)/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

/** The same numbers below 2^32 for the same seed. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

const HEAD = [
  "From: Ann Example <ann@example.com>",
  "To: Bob <bob@example.com>",
  "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
  "Date: Mon, 23 Nov 2026 10:00:00 +0100",
  "Message-ID: <1@example.com>",
  "MIME-Version: 1.0",
];

/** Words of text, not all of them ASCII. */
const WORDS = ["mail", "überall", "größer", "words", "和", "naïve", "line", "çà", "the", "of", "and", "Straße"];

function wordLines(octets: number): Buffer {
  const random = numbers(SEED);
  const lines: string[] = [];
  for (let written = 0; written < octets; ) {
    let line = "";
    while (line.length < 66) line += `${WORDS[(random.next().value >>> 16) % WORDS.length]!} `;
    lines.push(`${line.trimEnd()}.\r\n`);
    written += Buffer.byteLength(lines.at(-1)!);
  }
  return Buffer.from(lines.join(""));
}

function quotedLines(octets: number): Buffer {
  const random = numbers(SEED);
  const lines: string[] = [];
  for (let written = 0; written < octets; ) {
    const word = (): string =>
      ['<td class=3D"a">', "text ", "=C3=BC", "of a page ", "&nbsp;", "</td>"][(random.next().value >>> 16) % 6]!;
    let line = "";
    while (line.length < 60) line += word();
    lines.push(`${line}=\r\n`);
    written += lines.at(-1)!.length;
  }
  return Buffer.from(`${lines.join("")}end\r\n`);
}

function base64Lines(octets: number): Buffer {
  const random = numbers(SEED);
  const content = Buffer.from(
    Uint8Array.from({ length: Math.floor((octets / 78) * 57) }, () => random.next().value >>> 24),
  );
  return Buffer.from(content.toString("base64").replace(/.{76}/g, "$&\r\n"));
}

/** One message of 25 MB, the same every time. */
function largeMessage(name: InputName): Buffer {
  if (name === "utf8") {
    const head = [...HEAD, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", ""];
    return Buffer.concat([Buffer.from(head.join("\r\n")), wordLines(LARGE_OCTETS)]);
  }
  if (name === "quoted") {
    const encoding = "Content-Transfer-Encoding: quoted-printable";
    const head = [...HEAD, "Content-Type: text/html; charset=utf-8", encoding, "", ""];
    return Buffer.concat([Buffer.from(head.join("\r\n")), quotedLines(LARGE_OCTETS)]);
  }
  const parts = [
    "--=_1",
    "Content-Type: text/plain",
    "",
    "See the file.",
    "--=_1",
    "Content-Type: application/octet-stream",
  ];
  const file = ["Content-Transfer-Encoding: base64", 'Content-Disposition: attachment; filename="a.bin"', "", ""];
  const head = [...HEAD, 'Content-Type: multipart/mixed; boundary="=_1"', "", ...parts, ...file];
  return Buffer.concat([Buffer.from(head.join("\r\n")), base64Lines(LARGE_OCTETS), Buffer.from("\r\n--=_1--\r\n")]);
}

/** Puts the inputs of a measurement into a folder, one below the other: small ones by number. Answers how many small ones there are. */
export function writeInputs(folder: string): number {
  mkdirSync(join(folder, "small"));
  const [min, max] = SMALL_OCTETS;
  const small = suiteFiles()
    .map(file => readFileSync(file))
    .filter(bytes => bytes.length >= min && bytes.length <= max);
  for (const [index, bytes] of small.entries()) {
    writeFileSync(join(folder, "small", `${String(index).padStart(4, "0")}.eml`), bytes);
  }
  for (const name of LARGE) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "0000.eml"), largeMessage(name));
  }
  return small.length;
}

/** The messages of one input. */
export function readInput(folder: string, name: InputName): readonly Buffer[] {
  return readdirSync(join(folder, name))
    .sort()
    .map(file => readFileSync(join(folder, name, file)));
}
