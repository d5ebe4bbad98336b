import type { JsonObject } from "@scop/corpus";
import {
  canonicalBody,
  canonicalField,
  digest,
  messageOf,
  pickFields,
  type RawField,
  signed,
  testKey,
} from "./signing.ts";
import type { Library } from "./topic.ts";

export const NOW = Date.UTC(2026, 10, 27, 12, 0, 0) / 1000;
const KEY = testKey("rsa2048");
export const HEADER: readonly RawField[] = [
  ["From", " ann@example.com"],
  ["To", " ben@example.org"],
  ["Subject", " An example"],
  ["Date", " Fri, 27 Nov 2026 09:55:06 +0100"],
];
export const BODY = "Hello\r\n";

/** One set of a chain: the three fields. */
export interface ArcSet {
  readonly seal: RawField;
  readonly message: RawField;
  readonly results: RawField;
}

export interface Making {
  /** What is done to the value of each field, up to `b=`, before it is signed. */
  readonly editSeal?: (text: string) => string;
  readonly editMessage?: (text: string) => string;
  readonly editResults?: (text: string) => string;
  readonly status?: string;
  readonly fields?: readonly string[];
  readonly sealTags?: string;
  readonly messageTags?: string;
  readonly instance?: number;
}

function same(text: string): string {
  return text;
}

function unsigned(text: string): string {
  return text.replace(/( b=)[^;]*/, "$1");
}

/** Seals a message whose header is `header` above the sets that it has. RFC 8617 5.1 */
export function addSet(
  header: readonly RawField[],
  body: string,
  sets: readonly ArcSet[],
  making: Making = {},
): ArcSet {
  const instance = making.instance ?? sets.length + 1;
  const { fields = ["From", "To", "Subject", "Date"], sealTags = "", messageTags = "" } = making;
  const { editSeal = same, editMessage = same, editResults = same } = making;
  const domain = `hop${instance}.example.org`;
  const results: RawField = [
    "ARC-Authentication-Results",
    editResults(` i=${instance}; ${domain}; spf=pass smtp.mailfrom=example.com`),
  ];
  const hash = digest(canonicalBody(body, "relaxed")).toString("base64");
  const start = editMessage(
    ` i=${instance}; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=arc; h=${fields.join(":")}; bh=${hash};${messageTags} b=`,
  );
  const picked = pickFields(header, fields);
  const octets = [...picked, ["ARC-Message-Signature", start] as const]
    .map(field => canonicalField(field, "relaxed"))
    .join("\r\n");
  const message: RawField = ["ARC-Message-Signature", start + signed(KEY, octets)];
  const status = making.status ?? (instance === 1 ? "none" : "pass");
  const sealStart = editSeal(` i=${instance}; a=rsa-sha256; cv=${status}; d=${domain}; s=arc;${sealTags} b=`);
  const scope = [
    ...sets.flatMap(set => [set.results, set.message, set.seal]),
    results,
    message,
    ["ARC-Seal", sealStart] as const,
  ];
  const seal: RawField = [
    "ARC-Seal",
    sealStart + signed(KEY, scope.map(field => canonicalField(field, "relaxed")).join("\r\n")),
  ];
  return { seal, message, results };
}

export function chain(length: number, making: (instance: number) => Making = () => ({})): readonly ArcSet[] {
  const sets: ArcSet[] = [];
  for (let at = 1; at <= length; at += 1) sets.push(addSet(HEADER, BODY, sets, making(at)));
  return sets;
}

export function fieldsOf(sets: readonly ArcSet[]): readonly RawField[] {
  return sets.toReversed().flatMap(({ seal, message, results }) => [seal, message, results]);
}

export function write(sets: readonly ArcSet[], header = HEADER, body = BODY): Uint8Array {
  return messageOf([...fieldsOf(sets), ...header], body);
}

export const FAIL = { result: "fail" };

export function arcChains(library: Library): void {
  library.zone(
    "arc",
    Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `arc._domainkey.hop${at + 1}.example.org`,
        { TXT: [`v=DKIM1; p=${KEY.published}`] },
      ]),
    ),
  );
  const topic = library.topic({
    area: "arc",
    topic: "chains",
    description: "Chains of ARC sets, and what breaks them",
    op: "arc.verify",
    spec: ["RFC8617#5.2"],
  });
  const params: JsonObject = { zone: "arc", now: NOW };
  topic.word("none", "No chain", write([]), { result: "none" }, { params });
  for (const length of [1, 2, 3, 5, 10, 25, 50]) {
    topic.word(
      `length.${length}`,
      `A chain of ${length} sets`,
      write(chain(length)),
      { result: "pass" },
      { params, spec: ["RFC8617#5.2"], flags: length > 10 ? ["ArcCost"] : [] },
    );
  }
  topic.word("length.51", "A chain of 51 sets", write(chain(51)), FAIL, {
    params,
    spec: ["RFC8617#4.2.1"],
    flags: ["ArcCost"],
  });
  const changes: readonly (readonly [key: string, about: string, change: (text: string) => string, isPass: boolean])[] =
    [
      ["subject", "Subject changes", text => text.replace("An example", "Another"), false],
      ["body", "the body changes", text => text.replace("Hello", "Hallo"), false],
      ["body-blank", "blank lines at the end of the body", text => `${text}\r\n\r\n`, true],
      ["trace", "a field is put before it", text => `X-Trace: a\r\n${text}`, true],
      ["header-space", "white space in Subject", text => text.replace("An example", "An   example"), true],
      [
        "seal-octet",
        "an octet of the newest seal",
        text =>
          text.replace(
            /(ARC-Seal:[\s\S]*? b=)(.)/,
            (_, head: string, first: string) => `${head}${first === "A" ? "B" : "A"}`,
          ),
        false,
      ],
      [
        "message-octet",
        "an octet of the newest signature",
        text =>
          text.replace(
            /(ARC-Message-Signature:[\s\S]*? b=)(.)/,
            (_, head: string, first: string) => `${head}${first === "A" ? "B" : "A"}`,
          ),
        false,
      ],
      ["results", "the newest results", text => text.replace("spf=pass", "spf=fail"), false],
      ["first-results", "the oldest results", text => text.replace(/spf=pass(?![\s\S]*spf=pass)/, "spf=fail"), false],
      [
        "seal-domain",
        "another domain in the newest seal",
        text => text.replace(/(ARC-Seal:[\s\S]*?d=)hop/, "$1bad"),
        false,
      ],
    ];
  for (const length of [1, 2, 4]) {
    const text = Buffer.from(write(chain(length))).toString("latin1");
    for (const [key, about, change, isPass] of changes) {
      topic.word(
        `change.${length}.${key}`,
        `A chain of ${length}: ${about}`,
        Buffer.from(change(text), "latin1"),
        isPass ? { result: "pass" } : FAIL,
        { params, flags: isPass ? [] : ["ArcChange"] },
      );
    }
    structure(topic, length, params);
  }
}

function structure(topic: ReturnType<Library["topic"]>, length: number, params: JsonObject): void {
  const sets = chain(length);
  const last = sets.at(-1)!;
  const fail = (key: string, about: string, octets: Uint8Array, spec = "RFC8617#5.2"): void =>
    topic.word(`structure.${length}.${key}`, `A chain of ${length}: ${about}`, octets, FAIL, {
      params,
      spec: [spec],
      flags: ["ArcStructure"],
    });
  const without = (field: RawField): Uint8Array =>
    messageOf(
      [...fieldsOf(sets), ...HEADER].filter(each => each !== field),
      BODY,
    );
  fail("no-seal", "the newest seal is missing", without(last.seal));
  fail("no-message", "the newest signature is missing", without(last.message));
  fail("no-results", "the newest results are missing", without(last.results));
  fail("seal-twice", "the newest seal twice", messageOf([last.seal, ...fieldsOf(sets), ...HEADER], BODY));
  fail("message-twice", "the newest signature twice", messageOf([last.message, ...fieldsOf(sets), ...HEADER], BODY));
  fail("results-twice", "the newest results twice", messageOf([last.results, ...fieldsOf(sets), ...HEADER], BODY));
  if (length > 1) {
    fail("gap", "the first set is missing", write(sets.slice(1)));
    fail("cv-none", "cv=none in a later set", write(chain(length, at => (at === length ? { status: "none" } : {}))));
  } else fail("cv-pass", "cv=pass in the first set", write(chain(1, () => ({ status: "pass" }))));
  fail("cv-fail", "the newest says cv=fail", write(chain(length, at => (at === length ? { status: "fail" } : {}))));
  fail("cv-odd", "the newest says another word", write(chain(length, at => (at === length ? { status: "odd" } : {}))));
  fail(
    "seal-h",
    "a seal with h=",
    write(chain(length, at => (at === length ? { sealTags: " h=From;" } : {}))),
    "RFC8617#4.1.3",
  );
  fail(
    "instance-0",
    "instance 0",
    write([...sets.slice(0, -1), addSet(HEADER, BODY, sets.slice(0, -1), { instance: 0 })]),
    "RFC8617#4.2.1",
  );
  fail(
    "instance-next",
    "an instance is left out",
    write([...sets, addSet(HEADER, BODY, sets, { instance: length + 2 })]),
  );
  fail(
    "signs-seal",
    "a signature over seals",
    write(chain(length, at => (at === length ? { fields: ["From", "ARC-Seal"] } : {}))),
    "RFC8617#4.1.2",
  );
  const order = fieldsOf(sets).toReversed();
  topic.word(
    `structure.${length}.order`,
    `A chain of ${length}: its fields in other order`,
    messageOf([...order, ...HEADER], BODY),
    { result: "pass" },
    { params },
  );
  topic.word(
    `structure.${length}.below`,
    `A chain of ${length}: its fields below the others`,
    messageOf([...HEADER, ...fieldsOf(sets)], BODY),
    { result: "pass" },
    { params },
  );
  topic.word(`structure.${length}.no-key`, `A chain of ${length}: no key`, write(sets), FAIL, {
    params: { zone: {}, now: NOW },
  });
  topic.word(
    `structure.${length}.cut`,
    `A chain of ${length}: the text of a signature is another's`,
    messageOf(
      [
        ...fieldsOf(sets).map(
          ([name, value]): RawField => [
            name,
            name === "ARC-Seal" ? value.replace(/ b=.*/, ` b=${unsigned(value).length}AAA`) : value,
          ],
        ),
        ...HEADER,
      ],
      BODY,
    ),
    FAIL,
    { params, flags: ["ArcStructure"] },
  );
}
