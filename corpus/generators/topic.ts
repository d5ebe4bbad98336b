import { createHash } from "node:crypto";
import type { CaseInput, CaseResult, CorpusCase, Expectation, JsonObject } from "@scop/corpus";

/** What all cases of a topic have in common. */
interface TopicHead {
  readonly area: string;
  readonly topic: string;
  readonly description: string;
  readonly op: string;
  readonly spec: readonly string[];
  readonly flags?: readonly string[];
}

/** What one case has of its own. */
export interface More {
  readonly op?: string;
  readonly spec?: readonly string[];
  readonly flags?: readonly string[];
  readonly params?: JsonObject;
  readonly lenient?: Expectation;
  readonly origin?: "rfc" | "generated" | "cve" | "paper";
  readonly ref?: string;
  readonly importance?: "high";
  readonly ms?: number;
}

/** The version of the corpus that these cases belong to. */
const VERSION = "1.0.0";
/** Octets from which on an input is a file of its own. */
const BLOB_OCTETS_MIN = 2048;

/** Topics whose valid cases, those without a flag, keep every rule for what is sent: whoever reports anything of them is wrong. */
const CONFORMANT = new Set([
  "address/forms",
  "address/lists",
  "address/random",
  "encoding/base64",
  "encoding/charset",
  "encoding/quoted-printable",
  "header/authentication-results",
  "header/date",
  "header/encoded-word",
  "header/fields",
  "header/message-id",
  "header/parameters",
  "header/text",
  "mime/structure",
]);

function isText(bytes: Uint8Array): boolean {
  return Buffer.from(Buffer.from(bytes).toString("utf8"), "utf8").equals(bytes);
}

/** The cases of one topic while they are made. Text stands for its octets in UTF-8. */
export class Topic {
  readonly #head: TopicHead;
  readonly #cases: CorpusCase[] = [];
  readonly #ids = new Set<string>();
  readonly #blobs: Map<string, Uint8Array>;

  constructor(head: TopicHead, blobs: Map<string, Uint8Array>) {
    this.#head = head;
    this.#blobs = blobs;
  }

  #input(given: string | Uint8Array): CaseInput {
    const bytes = typeof given === "string" ? Buffer.from(given, "utf8") : given;
    if (bytes.length < BLOB_OCTETS_MIN) {
      return isText(bytes)
        ? { text: Buffer.from(bytes).toString("utf8") }
        : { base64: Buffer.from(bytes).toString("base64") };
    }
    const name = createHash("sha256").update(bytes).digest("hex");
    this.#blobs.set(name, bytes);
    return { blob: name };
  }

  #add(
    name: string,
    about: string,
    input: string | Uint8Array,
    result: CaseResult,
    strict: Expectation,
    more: More,
  ): void {
    const { area, topic, op, spec, flags = [] } = this.#head;
    const id = `${area}.${topic}.${name}`;
    if (this.#ids.has(id)) throw new Error(`two cases are called ${id}`);
    this.#ids.add(id);
    const { lenient, origin = "generated", ref, ms } = more;
    this.#cases.push({
      id,
      area,
      op: more.op ?? op,
      description: about,
      spec: more.spec ?? spec,
      flags: [...new Set([...flags, ...(more.flags ?? [])])],
      ...(more.importance === undefined ? {} : { importance: more.importance }),
      input: this.#input(input),
      ...(more.params === undefined ? {} : { params: more.params }),
      result,
      expect: { strict, ...(lenient === undefined ? {} : { lenient }) },
      ...(ms === undefined ? {} : { budget: { ms } }),
      provenance: { origin, ...(ref === undefined ? {} : { ref }), generator: `${area}/${topic}`, licence: "CC0-1.0" },
    });
  }

  /** What has to be accepted, and read so. */
  valid(name: string, about: string, input: string | Uint8Array, value: Expectation, more: More = {}): void {
    const { area, topic, flags = [] } = this.#head;
    const isClean = CONFORMANT.has(`${area}/${topic}`) && flags.length === 0 && (more.flags ?? []).length === 0;
    this.#add(name, about, input, "valid", isClean && !("oneOf" in value) ? { ...value, clean: true } : value, more);
  }

  /** What has to be refused or reported; `lenient` is how a tolerant reader may take it. */
  invalid(name: string, about: string, input: string | Uint8Array, why: string, more: More = {}): void {
    this.#add(name, about, input, "invalid", { reject: why }, more);
  }

  /** What may be refused, and if it is not, has to be read so. */
  acceptable(name: string, about: string, input: string | Uint8Array, value: Expectation, more: More = {}): void {
    this.#add(name, about, input, "acceptable", value, more);
  }

  /**
   * What comes to a word of RFC 8601. The result rates the input: `permerror` is for what is malformed, and where `pass` and another word are both
   * right, it is acceptable.
   */
  word(name: string, about: string, input: string | Uint8Array, expect: Expectation, more: More = {}): void {
    const choices = (expect["oneOf"] as readonly Expectation[] | undefined) ?? [expect];
    const words = choices.map(choice => choice["result"]);
    const isOpen = words.includes("pass") && words.length > 1;
    this.#add(name, about, input, isOpen ? "acceptable" : words[0] === "permerror" ? "invalid" : "valid", expect, more);
  }

  /** Where the suite stands, and its text. */
  file(): readonly [path: string, text: string] {
    const { area, topic, description } = this.#head;
    const head = { schema: "suite.schema.json", version: VERSION, area, topic, description };
    const lines = this.#cases.map(each => `    ${written(each, 4)}`);
    const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "cases": [\n${lines.join(",\n")}\n  ]\n}\n`;
    return [`suites/${area}/${topic}.json`, text];
  }
}

const LINE_CHARACTERS_MAX = 130;

/** JSON for people: what fits stands on one line. */
function written(value: unknown, indent: number): string {
  const short = JSON.stringify(value);
  if (indent > 4 && short.length + indent <= LINE_CHARACTERS_MAX) return short;
  if (typeof value !== "object" || value === null) return short;
  const gap = " ".repeat(indent + 2);
  const isList = Array.isArray(value);
  const entries = Object.entries(value as Record<string, unknown>).map(
    ([name, field]) => `${gap}${isList ? "" : `${JSON.stringify(name)}: `}${written(field, indent + 2)}`,
  );
  if (entries.length === 0) return short;
  return `${isList ? "[" : "{"}\n${entries.join(",\n")}\n${" ".repeat(indent)}${isList ? "]" : "}"}`;
}

/** All that the generators write: opens topics and gathers their files. */
export class Library {
  readonly #topics: Topic[] = [];
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #files = new Map<string, string>();

  topic(head: TopicHead): Topic {
    const topic = new Topic(head, this.#blobs);
    this.#topics.push(topic);
    return topic;
  }

  /** A zone that cases name. */
  zone(name: string, zone: JsonObject): void {
    this.#files.set(`zones/${name}.json`, `${JSON.stringify(zone, null, 2)}\n`);
  }

  /** Each file by its path below the folder of the corpus. */
  files(): ReadonlyMap<string, string | Uint8Array> {
    const files = new Map<string, string | Uint8Array>(this.#files);
    for (const topic of this.#topics) files.set(...(topic.file() as [string, string]));
    for (const [name, bytes] of this.#blobs) files.set(`blobs/${name.slice(0, 2)}/${name}`, bytes);
    return files;
  }
}
