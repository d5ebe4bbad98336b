import { concat, EMPTY, find, latin1, latin1Bytes } from "@scop/wire";

/** The file in an answer of two parts: what it is, and then what it has. */
interface FilePart {
  /** Empty where it is not said. */
  readonly contentType: string;
  /** It is somewhere else. */
  readonly isElsewhere: boolean;
  /** Throws where it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Octets of what stands before a file, and of the fields of a part. Ours: they have some words. */
const HEAD_OCTETS_MAX = 16_384;
/** RFC 2046 5.1.1 */
const BOUNDARY_CHARACTERS_MAX = 70;

/** What comes, read up to places that are looked for. */
class Incoming {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = EMPTY;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** All before a mark, which is passed over; undefined where it does not come within so many octets. */
  async until(mark: Uint8Array, octetsMax: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const at = find(this.#held, mark);
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        return before;
      }
      if (this.#held.length > octetsMax || !(await this.#more())) return undefined;
    }
  }

  /** The same in pieces. Throws where the mark does not come. */
  async *piecesUntil(mark: Uint8Array): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const at = find(this.#held, mark);
        // What may be the beginning of the mark is held back.
        const sure = at >= 0 ? at : Math.max(0, this.#held.length - mark.length + 1);
        if (sure > 0) yield this.#held.subarray(0, sure);
        if (at >= 0) return;
        this.#held = this.#held.subarray(sure);
        if (!(await this.#more())) throw new Error("the file breaks off");
      }
    } finally {
      await this.end();
    }
  }

  async end(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done === true) return false;
    this.#held = this.#held.length === 0 ? value : concat([this.#held, value]);
    return true;
  }
}

/**
 * Reads an answer of two parts up to the beginning of the file. Undefined, with the rest given up, where it has another form. Server-server API,
 * content repository; RFC 2046 5.1
 */
export async function readFilePart(
  contentType: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<FilePart | undefined> {
  const incoming = new Incoming(chunks);
  const boundary = boundaryOf(contentType);
  const part = boundary === undefined ? undefined : await fileIn(incoming, boundary);
  if (part === undefined) await incoming.end();
  return part;
}

async function fileIn(incoming: Incoming, boundary: string): Promise<FilePart | undefined> {
  const delimiter = latin1Bytes(`\r\n--${boundary}`);
  // The first one may have no line end before it.
  const preamble = await incoming.until(latin1Bytes(`--${boundary}\r\n`), HEAD_OCTETS_MAX);
  if (preamble === undefined) return undefined;
  const about = await incoming.until(delimiter, HEAD_OCTETS_MAX);
  const rest = await incoming.until(latin1Bytes("\r\n"), HEAD_OCTETS_MAX);
  if (about === undefined || rest === undefined || rest.length > 0) return undefined;
  const head = await incoming.until(latin1Bytes("\r\n\r\n"), HEAD_OCTETS_MAX);
  if (head === undefined) return undefined;
  const fields = fieldsOf(latin1(head));
  return {
    contentType: fields.get("content-type") ?? "",
    isElsewhere: fields.has("location"),
    chunks: incoming.piecesUntil(delimiter),
  };
}

/** The boundary that a content type names; undefined where it is of one part, or names none that can be. */
function boundaryOf(contentType: string): string | undefined {
  const [type = "", ...parameters] = contentType.split(";", 16);
  if (type.trim().toLowerCase() !== "multipart/mixed") return undefined;
  for (const parameter of parameters) {
    const equals = parameter.indexOf("=");
    if (parameter.slice(0, Math.max(0, equals)).trim().toLowerCase() !== "boundary") continue;
    const value = parameter.slice(equals + 1).trim();
    const boundary = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    return boundary.length > 0 && boundary.length <= BOUNDARY_CHARACTERS_MAX ? boundary : undefined;
  }
  return undefined;
}

function fieldsOf(head: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of head.split("\r\n", 32)) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

/** An answer of two parts: nothing that is said of a file, and the file with its fields. `boundary` does not stand in it. */
export async function* formatFilePart(
  fields: Readonly<Record<string, string>>,
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const about = `--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n`;
  yield latin1Bytes(`${about}--${boundary}\r\n${lines.join("")}\r\n`);
  yield* chunks;
  yield latin1Bytes(`\r\n--${boundary}--\r\n`);
}
