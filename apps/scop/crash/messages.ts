import { createHash } from "node:crypto";
import type { Random } from "./random.ts";

/** A message that can be recognised and checked wherever it turns up. */
interface LoadMessage {
  readonly id: string;
  /** With CRLF line ends; begins with `ID_FIELD`. */
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** What a stored message says about itself. */
export interface FoundMessage {
  readonly id: string;
  /** Octets that the server put in front. */
  readonly prepended: number;
  readonly sha256: string;
  /** False if the body is not the one that was sent. */
  readonly whole: boolean;
}

const ID_FIELD = "X-Crash-Id: ";
const DIGEST_FIELD = "X-Crash-Digest: ";
const BLANK_LINE = "\r\n\r\n";
const LINE_OCTETS = 78;
const POOL_LINES = 27_000;
/** One message in so many is larger than what a store keeps in its table. */
const LARGE_EVERY = 20;

/** Which size a message has: most are small. */
export type MessageSize = "mostly small" | "large";

/** Makes the next message, from an address. */
export type MessageMaker = (size: MessageSize, from: string) => LoadMessage;

/** Makes messages: most of 1 to 12 KB, one in twenty of 300 KB to 1 MB, with lines that begin with dots and octets above 127. */
export function messageMaker(random: Random, run: string): MessageMaker {
  const pool = randomLines(random);
  let count = 0;
  return (size, from) => {
    count += 1;
    const large = size === "large" || random.between(1, LARGE_EVERY) === 1;
    const octets = large ? random.between(300_000, 1_000_000) : random.between(1_000, 12_000);
    const lines = Math.ceil(octets / LINE_OCTETS);
    const first = random.between(0, POOL_LINES - lines);
    const body = pool.subarray(first * LINE_OCTETS, (first + lines) * LINE_OCTETS);
    const id = `${run}-${count}`;
    const header = [
      `${ID_FIELD}${id}`,
      `${DIGEST_FIELD}${sha256(body)}`,
      `From: Load <${from}>`,
      "To: Undisclosed recipients:;",
      `Subject: message ${count} of ${run}`,
      `Date: Mon, 23 Nov 2026 09:00:00 +0000`,
      `Message-ID: <${id}@outside.example>`,
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=iso-8859-1",
      "Content-Transfer-Encoding: 8bit",
    ];
    const bytes = Buffer.concat([Buffer.from(`${header.join("\r\n")}\r\n\r\n`, "latin1"), body]);
    return { id, bytes, sha256: sha256(bytes) };
  };
}

/** Reads what a stored message is, or undefined if the driver did not send it. */
export function recognise(stored: Buffer): FoundMessage | undefined {
  const at = startOfField(stored);
  const headerEnd = stored.indexOf(BLANK_LINE);
  if (at < 0 || headerEnd < at) return undefined;
  const header = stored.subarray(at, headerEnd).toString("latin1").split("\r\n");
  const id = header[0]?.slice(ID_FIELD.length);
  const digest = header[1]?.slice(DIGEST_FIELD.length);
  if (id === undefined || digest === undefined) return undefined;
  return {
    id,
    prepended: at,
    sha256: sha256(stored.subarray(at)),
    whole: digest === sha256(stored.subarray(headerEnd + BLANK_LINE.length)),
  };
}

/** Which message of the driver a delivery report is about; undefined if it is none.*/
export function reportedId(stored: Buffer): string | undefined {
  const header = stored.toString("latin1", 0, Math.max(0, stored.indexOf(BLANK_LINE)));
  if (!/^content-type: *multipart\/report/im.test(header)) return undefined;
  return /^X-Crash-Id: (\S+)/m.exec(stored.toString("latin1", header.length))?.[1];
}

function startOfField(stored: Buffer): number {
  if (stored.indexOf(ID_FIELD) === 0) return 0;
  const lineEnd = stored.indexOf(`\r\n${ID_FIELD}`);
  return lineEnd < 0 ? -1 : lineEnd + 2;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function randomLines(random: Random): Buffer {
  const pool = Buffer.alloc(POOL_LINES * LINE_OCTETS);
  for (let line = 0; line < POOL_LINES; line += 1) {
    const start = line * LINE_OCTETS;
    for (let column = 0; column < LINE_OCTETS - 2; column += 1) pool[start + column] = printable(random);
    if (line % 5 === 0) pool[start] = 0x2e;
    pool.write("\r\n", start + LINE_OCTETS - 2, "latin1");
  }
  return pool;
}

function printable(random: Random): number {
  return random.between(0, 15) === 0 ? random.between(0xa1, 0xff) : random.between(0x21, 0x7e);
}
