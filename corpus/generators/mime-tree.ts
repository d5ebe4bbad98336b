import { type SeededRandom, seededRandom } from "@scop/sim";
import type { Library } from "./topic.ts";

/** A part as it is made: what it is, and how its content is written. */
interface Made {
  readonly type: string;
  readonly bytes: string;
  readonly leaves: readonly Leaf[];
  readonly tree: Tree;
}

interface Leaf {
  readonly type: string;
  readonly base64: string;
}

interface Tree {
  readonly type: string;
  readonly parts?: readonly Tree[];
}

const LEAF_TYPES = ["text/plain", "text/html", "text/csv", "application/pdf", "image/png", "application/octet-stream"];
const MULTIPARTS = ["mixed", "alternative", "related", "signed", "report", "x-unknown"];
const DEPTH_MAX = 4;
/** Trees that are made, each from its own seed. */
const TREES = 170;

function contentOf(random: SeededRandom, isText: boolean): Uint8Array {
  if (!isText) return random.bytes(random.integer(120));
  const words = Array.from({ length: random.integer(12) }, () => "word".slice(0, 1 + random.integer(4)));
  const lines = words.map((word, at) => (at % 4 === 3 ? `${word}\r\n` : `${word} `));
  // White space at the end would be lost in quoted-printable, and --x looks like a delimiter and is none.
  return Buffer.from(`${random.integer(3) === 0 ? "--x\r\n" : ""}${lines.join("").trimEnd()}`);
}

function escaped(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replace(/[^ -<>-~\r\n]/g, sign => `=${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

function leaf(random: SeededRandom): Made {
  const type = LEAF_TYPES[random.integer(LEAF_TYPES.length)]!;
  const isText = type.startsWith("text/");
  const content = contentOf(random, isText);
  const way = isText ? random.integer(3) : 2;
  const encodings = ["7bit", "quoted-printable", "base64"] as const;
  const body = [
    Buffer.from(content).toString("latin1"),
    escaped(content),
    Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\r\n"),
  ][way]!;
  const encoding = way === 0 && random.integer(2) === 0 ? "" : `Content-Transfer-Encoding: ${encodings[way]}\r\n`;
  const bytes = `Content-Type: ${type}\r\n${encoding}\r\n${body}`;
  return { type, bytes, leaves: [{ type, base64: Buffer.from(content).toString("base64") }], tree: { type } };
}

function multipart(random: SeededRandom, depth: number): Made {
  const type = `multipart/${MULTIPARTS[random.integer(MULTIPARTS.length)]}`;
  const boundary = `b${depth}-${random.integer(1_000_000)}`;
  const parts = Array.from({ length: 1 + random.integer(3) }, () => part(random, depth + 1));
  const preamble = random.integer(3) === 0 ? "A preamble.\r\n" : "";
  const epilogue = random.integer(3) === 0 ? "\r\nAn epilogue.\r\n" : "";
  const padding = random.integer(4) === 0 ? "  " : "";
  const body = parts.map(each => `--${boundary}${padding}\r\n${each.bytes}\r\n`).join("");
  const bytes = `Content-Type: ${type}; boundary="${boundary}"\r\n\r\n${preamble}${body}--${boundary}--${epilogue}`;
  return {
    type,
    bytes,
    leaves: parts.flatMap(each => each.leaves),
    tree: { type, parts: parts.map(each => each.tree) },
  };
}

function embedded(random: SeededRandom, depth: number): Made {
  const inner = part(random, depth + 1);
  const bytes = `Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n${inner.bytes}`;
  return { type: "message/rfc822", bytes, leaves: inner.leaves, tree: { type: "message/rfc822", parts: [inner.tree] } };
}

function part(random: SeededRandom, depth: number): Made {
  const choice = random.integer(10);
  if (depth >= DEPTH_MAX || choice < 5) return leaf(random);
  return choice < 9 ? multipart(random, depth) : embedded(random, depth);
}

export function mimeTrees(library: Library): void {
  const topic = library.topic({
    area: "mime",
    topic: "trees",
    description: "Trees of parts from a seed: the type of each part, and the octets of each leaf",
    op: "mime.parse",
    spec: ["RFC2046#5.1", "RFC2045#5"],
  });
  for (let seed = 1; seed <= TREES; seed += 1) {
    const random = seededRandom(seed);
    const made = seed % 4 === 0 ? leaf(random) : multipart(random, 0);
    const head = "From: ann@example.com\r\nSubject: tree\r\nDate: 27 Nov 2026 09:55:06 +0100\r\nMIME-Version: 1.0\r\n";
    const about = `A tree of ${made.leaves.length} leaves, from the seed ${seed}`;
    topic.valid(
      `seed-${String(seed).padStart(3, "0")}`,
      about,
      `${head}${made.bytes}\r\n`.replace(/\r\n$/, made.tree.parts ? "\r\n" : ""),
      {
        tree: made.tree,
        leaves: made.leaves,
      },
    );
  }
}
