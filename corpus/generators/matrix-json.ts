import type { Library, More, Topic } from "./topic.ts";

const CANONICAL = "MATRIX-APPENDICES#canonical-json";

/** Values, as they come and in canonical form. */
const FORMS: readonly (readonly [key: string, about: string, text: string, canonical: string, more?: More])[] = [
  ["empty-object", "An object with nothing in it", "{}", "{}"],
  [
    "space-in-object",
    "White space of all four kinds within an object",
    '{ \t\r\n"a" \t\r\n: \t\r\n1 \t\r\n}',
    '{"a":1}',
  ],
  ["space-around", "White space before and behind", ' \n{"a":1}\r\n\t', '{"a":1}'],
  ["space-in-array", "White space within an array", '{"a":[ 1 ,\n2 , 3 ]}', '{"a":[1,2,3]}'],
  ["space-in-text", "White space in a string stays", '{"a":" b  c "}', '{"a":" b  c "}'],
  ["order", "Keys are sorted", '{"b":1,"a":2}', '{"a":2,"b":1}'],
  ["order-case", "Capitals come before small letters", '{"a":1,"B":2,"A":3}', '{"A":3,"B":2,"a":1}'],
  [
    "order-digits",
    "Keys of digits are sorted as texts, not as numbers",
    '{"10":1,"9":2,"1":3}',
    '{"1":3,"10":1,"9":2}',
  ],
  [
    "order-prefix",
    "A key comes before those that begin with it",
    '{"ab":1,"a":2,"abc":3,"":4}',
    '{"":4,"a":2,"ab":1,"abc":3}',
  ],
  [
    "order-signs",
    "Signs are sorted by their code point",
    '{"~":1,"_":2,"-":3,".":4," ":5}',
    '{" ":5,"-":3,".":4,"_":2,"~":1}',
  ],
  [
    "order-within",
    "Objects within are sorted too",
    '{"b":{"d":1,"c":{"f":1,"e":2}},"a":1}',
    '{"a":1,"b":{"c":{"e":2,"f":1},"d":1}}',
  ],
  [
    "order-in-array",
    "Objects in an array are sorted, the array is not",
    '[{"b":1,"a":2},{"a":0},3]',
    '[{"a":2,"b":1},{"a":0},3]',
  ],
  ["order-script", "Keys of other scripts", '{"本":2,"日":1}', '{"日":1,"本":2}'],
  ["order-latin", "Letters with accents come behind all of ASCII", '{"é":1,"z":2,"e":3}', '{"e":3,"z":2,"é":1}'],
  [
    "order-planes",
    "U+FB33 comes before U+1F600, whose surrogates are lower",
    '{"\u{1f600}":1,"\ufb33":2}',
    '{"\ufb33":2,"\u{1f600}":1}',
    { flags: ["CanonicalOrder"], importance: "high" },
  ],
  [
    "order-planes-within",
    "The same behind a common beginning",
    '{"a\u{10000}":1,"a\uffff":2,"a\ue000":3,"a\ud7ff":4}',
    '{"a\ud7ff":4,"a\ue000":3,"a\uffff":2,"a\u{10000}":1}',
    { flags: ["CanonicalOrder"], importance: "high" },
  ],
  [
    "order-escaped",
    "Keys are sorted by what they say, not by how they are written",
    '{"\\u0062":1,"a":2,"\\u0041":3}',
    '{"A":3,"a":2,"b":1}',
    { flags: ["CanonicalOrder"] },
  ],
  [
    "order-proto",
    "Keys that every object of JavaScript has",
    '{"toString":1,"__proto__":2,"constructor":3}',
    '{"__proto__":2,"constructor":3,"toString":1}',
    { flags: ["CanonicalOrder"] },
  ],
  ["true", "The words true, false and null", '{"c":null,"b":false,"a":true}', '{"a":true,"b":false,"c":null}'],
  ["array-empty", "Arrays with nothing in them", '{"a":[],"b":[[],[]]}', '{"a":[],"b":[[],[]]}'],
  ["array-mixed", "An array of all kinds", '[1,"a",null,true,{},[]]', '[1,"a",null,true,{},[]]'],
  ["alone-text", "A string alone", '"a"', '"a"'],
  ["alone-number", "A number alone", " 12 ", "12"],
  ["alone-null", "null alone", "null", "null"],
  ["zero", "The number 0", '{"a":0}', '{"a":0}'],
  ["negative", "A negative number", '{"a":-1}', '{"a":-1}'],
  ["most", "The number 2^53 - 1", '{"a":9007199254740991}', '{"a":9007199254740991}'],
  ["least", "The number -(2^53) + 1", '{"a":-9007199254740991}', '{"a":-9007199254740991}'],
];

/** Strings by what stands between their quotes, and in canonical form. */
const STRINGS: readonly (readonly [key: string, text: string, canonical: string])[] = [
  ["quote", '\\"', '\\"'],
  ["quote-code", "\\u0022", '\\"'],
  ["backslash", "\\\\", "\\\\"],
  ["backslash-code", "\\u005c", "\\\\"],
  ["backslash-capital", "\\u005C", "\\\\"],
  ["slash", "/", "/"],
  ["slash-escaped", "\\/", "/"],
  ["slash-code", "\\u002f", "/"],
  ["backspace", "\\b", "\\b"],
  ["backspace-code", "\\u0008", "\\b"],
  ["tab", "\\t", "\\t"],
  ["tab-code", "\\u0009", "\\t"],
  ["line-feed", "\\n", "\\n"],
  ["line-feed-code", "\\u000a", "\\n"],
  ["line-feed-capital", "\\u000A", "\\n"],
  ["form-feed", "\\f", "\\f"],
  ["form-feed-code", "\\u000c", "\\f"],
  ["return", "\\r", "\\r"],
  ["return-code", "\\u000d", "\\r"],
  ["nul", "\\u0000", "\\u0000"],
  ["vertical-tab", "\\u000b", "\\u000b"],
  ["vertical-tab-capital", "\\u000B", "\\u000b"],
  ["escape", "\\u001B", "\\u001b"],
  ["unit-separator", "\\u001f", "\\u001f"],
  ["space", "\\u0020", " "],
  ["delete", "\u007f", "\u007f"],
  ["delete-code", "\\u007f", "\u007f"],
  ["control-128", "\\u0080", "\u0080"],
  ["letter-code", "\\u0061", "a"],
  ["accent", "é", "é"],
  ["accent-code", "\\u00e9", "é"],
  ["accent-capital", "\\u00E9", "é"],
  ["accent-combining", "e\u0301", "e\u0301"],
  ["line-separator", "\\u2028", "\u2028"],
  ["paragraph-separator", "\u2029", "\u2029"],
  ["last-of-plane", "\\uffff", "\uffff"],
  ["private", "\\ue000", "\ue000"],
  ["byte-order-mark", "\\ufeff", "\ufeff"],
  ["pair", "\\ud83d\\ude00", "\u{1f600}"],
  ["pair-capital", "\\uD83D\\uDE00", "\u{1f600}"],
  ["pair-raw", "\u{1f600}", "\u{1f600}"],
  ["pair-last", "\\udbff\\udfff", "\u{10ffff}"],
  ["pair-first", "\\ud800\\udc00", "\u{10000}"],
  ["markup", "<a&b>'", "<a&b>'"],
  ["empty", "", ""],
  ["comma-brace", ",}]:{[", ",}]:{["],
];

/** What is no JSON, or has no canonical form. */
const REFUSED: readonly (readonly [
  key: string,
  about: string,
  text: string | Uint8Array,
  spec: string,
  flag: string,
])[] = [
  ...(
    [
      ["fraction", "1.5"],
      ["fraction-zero", "1.0"],
      ["exponent", "1e2"],
      ["exponent-capital", "1E2"],
      ["exponent-plus", "1e+2"],
      ["exponent-minus", "100e-2"],
      ["minus-zero", "-0"],
      ["minus-zero-fraction", "-0.0"],
      ["above-most", "9007199254740992"],
      ["below-least", "-9007199254740992"],
      ["digits-30", "1".repeat(30)],
      ["exponent-huge", "1e400"],
    ] as const
  ).map(
    ([key, number]) =>
      [
        `number.${key}`,
        `The number ${number} has no canonical form`,
        `{"a":${number}}`,
        CANONICAL,
        "CanonicalNumber",
      ] as const,
  ),
  ...(
    [
      ["leading-zero", "01"],
      ["leading-zeros", "00"],
      ["minus-leading-zero", "-01"],
      ["plus", "+1"],
      ["minus", "-"],
      ["minus-space", "- 1"],
      ["point-first", ".5"],
      ["point-last", "1."],
      ["exponent-empty", "1e"],
      ["hexadecimal", "0x10"],
      ["underscore", "1_000"],
      ["not-a-number", "NaN"],
      ["infinity", "Infinity"],
      ["minus-infinity", "-Infinity"],
      ["arabic-digit", "\u0661"],
    ] as const
  ).map(
    ([key, number]) =>
      [`number.${key}`, `${number} is no number of JSON`, `{"a":${number}}`, "RFC8259#6", "JsonSyntax"] as const,
  ),
  ...(
    [
      ["trailing-comma", '{"a":1,}'],
      ["leading-comma", '{,"a":1}'],
      ["two-commas", '{"a":1,,"b":2}'],
      ["no-comma", '{"a":1 "b":2}'],
      ["no-colon", '{"a" 1}'],
      ["no-value", '{"a":}'],
      ["no-key", "{:1}"],
      ["key-number", "{1:2}"],
      ["key-bare", "{a:1}"],
      ["key-single", "{'a':1}"],
      ["key-null", "{null:1}"],
      ["array-trailing", "[1,]"],
      ["array-commas", "[,]"],
      ["array-colon", '["a":1]'],
      ["array-open", "[1"],
      ["object-open", '{"a":1'],
      ["object-open-key", '{"a"'],
      ["object-open-brace", "{"],
      ["array-closed-by-brace", "[1}"],
      ["object-closed-by-bracket", '{"a":1]'],
      ["closed-twice", "{}}"],
      ["closed-only", "]"],
      ["two-values", "{} {}"],
      ["text-behind", '{"a":1}x'],
      ["nul-behind", "{}\u0000"],
      ["nothing", ""],
      ["space-only", " \n"],
      ["comment", "{/* a */}"],
      ["comment-line", "{} // a"],
      ["word-capital", "True"],
      ["word-short", "tru"],
      ["word-long", "nulll"],
      ["word-none", "undefined"],
      ["space-form-feed", "{\f}"],
      ["space-vertical", "{\u000b}"],
      ["space-no-break", "{\u00a0}"],
      ["space-ideographic", "\u3000{}"],
    ] as const
  ).map(
    ([key, text]) => [`syntax.${key}`, `No JSON: ${JSON.stringify(text)}`, text, "RFC8259#2", "JsonSyntax"] as const,
  ),
  ...(
    [
      ["open", '"a'],
      ["open-escape", '"a\\'],
      ["open-quote", '"a\\"'],
      ["single", "'a'"],
      ["escape-x", '"\\x41"'],
      ["escape-a", '"\\a"'],
      ["escape-v", '"\\v"'],
      ["escape-zero", '"\\0"'],
      ["escape-capital-u", '"\\U0041"'],
      ["escape-line", '"\\\n"'],
      ["code-short", '"\\u41"'],
      ["code-none", '"\\u"'],
      ["code-letters", '"\\u00zz"'],
      ["code-sign", '"\\u+041"'],
      ["code-space", '"\\u 041"'],
      ["code-braces", '"\\u{41}"'],
      ["raw-tab", '"\t"'],
      ["raw-line-feed", '"\n"'],
      ["raw-return", '"\r"'],
      ["raw-nul", '"\u0000"'],
      ["raw-31", '"\u001f"'],
    ] as const
  ).map(
    ([key, text]) =>
      [`string.${key}`, `No string: ${JSON.stringify(text)}`, `{"a":${text}}`, "RFC8259#7", "JsonSyntax"] as const,
  ),
  ...(
    [
      ["high", "\\ud800"],
      ["low", "\\udc00"],
      ["high-capital", "\\uD800"],
      ["high-then-letter", "\\ud800a"],
      ["high-then-code", "\\ud800\\u0061"],
      ["high-twice", "\\ud800\\ud800"],
      ["reversed", "\\ude00\\ud83d"],
      ["high-then-escape", "\\ud83d\\n"],
      ["pair-then-low", "\\ud83d\\ude00\\ude00"],
      ["last-high", "\\udbff"],
      ["last-low", "\\udfff"],
    ] as const
  ).flatMap(([key, text]) => [
    [`surrogate.${key}`, `Half of a pair in a value: ${text}`, `{"a":"${text}"}`, CANONICAL, "LoneSurrogate"] as const,
    [`surrogate.${key}.key`, `Half of a pair in a key: ${text}`, `{"${text}":1}`, CANONICAL, "LoneSurrogate"] as const,
  ]),
  ...(
    [
      ["continuation", [0x80]],
      ["overlong-2", [0xc0, 0xaf]],
      ["overlong-3", [0xe0, 0x80, 0xaf]],
      ["overlong-nul", [0xc0, 0x80]],
      ["surrogate", [0xed, 0xa0, 0x80]],
      ["surrogates", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
      ["above-10ffff", [0xf4, 0x90, 0x80, 0x80]],
      ["five", [0xf8, 0x88, 0x80, 0x80, 0x80]],
      ["cut", [0xe2, 0x82]],
      ["latin1", [0xe9]],
      ["fe", [0xfe]],
    ] as const
  ).map(
    ([key, octets]) =>
      [
        `utf8.${key}`,
        `Octets that are no UTF-8: ${octets.map(each => each.toString(16)).join(" ")}`,
        Buffer.concat([Buffer.from('{"a":"'), Buffer.from(octets), Buffer.from('"}')]),
        "RFC3629#3",
        "MalformedCharset",
      ] as const,
  ),
];

/** Keys that stand twice in an object: refused, or the last one holds. */
const DUPLICATES: readonly (readonly [key: string, text: string, canonical: string])[] = [
  ["plain", '{"a":1,"a":2}', '{"a":2}'],
  ["equal", '{"a":1,"a":1}', '{"a":1}'],
  ["apart", '{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
  ["escaped", '{"a":1,"\\u0061":2}', '{"a":2}'],
  ["within", '{"b":{"a":1,"a":2}}', '{"b":{"a":2}}'],
  ["in-array", '[{"a":1,"a":2}]', '[{"a":2}]'],
  ["empty", '{"":1,"":2}', '{"":2}'],
  ["pair", '{"\u{1f600}":1,"\\ud83d\\ude00":2}', '{"\u{1f600}":2}'],
  ["proto", '{"__proto__":1,"__proto__":2}', '{"__proto__":2}'],
  ["kinds", '{"a":{"b":1},"a":[]}', '{"a":[]}'],
];

/** Numbers that stand at the borders of what canonical JSON has, and some between them. */
function numbers(topic: Topic): void {
  for (let bits = 1; bits <= 53; bits += 4) {
    for (const number of [2 ** bits - 1, -(2 ** bits) + 1]) {
      const text = `[${number}]`;
      topic.valid(`number.${number < 0 ? "minus-" : ""}${bits}-bits`, `The number ${number}`, text, {
        canonical: text,
      });
    }
  }
}

/** Objects with as many keys, and as deep, as servers make. */
function sizes(topic: Topic): void {
  const keys = Array.from({ length: 1000 }, (_, at) => `"k${999 - at}":${at}`);
  const sorted = [...keys].sort((a, b) => (a.slice(0, a.indexOf(":")) < b.slice(0, b.indexOf(":")) ? -1 : 1));
  topic.valid("keys-1000", "A thousand keys", `{${keys.join(",")}}`, { canonical: `{${sorted.join(",")}}` });
  const deep = `${'{"a":['.repeat(30)}${"]}".repeat(30)}`;
  topic.valid("depth-60", "Objects and arrays within each other", deep, { canonical: deep });
  const many = "[".repeat(20_000) + "]".repeat(20_000);
  topic.acceptable(
    "depth-20000",
    "So deep that a stack ends: read or refused, and no crash",
    many,
    { canonical: many },
    {
      flags: ["NestingBomb"],
      spec: ["RFC8259#9"],
    },
  );
}

/** What one reader refuses and another takes. */
function open(topic: Topic): void {
  for (const [key, text, canonical] of DUPLICATES) {
    const more = { spec: ["RFC8259#4", CANONICAL], flags: ["DuplicateKey"] };
    topic.acceptable(
      `duplicate.${key}`,
      `A key twice: refused, or the last one holds: ${text}`,
      text,
      { canonical },
      more,
    );
  }
  topic.acceptable(
    "byte-order-mark",
    "A byte order mark: refused, or passed over",
    "\ufeff{}",
    { canonical: "{}" },
    {
      spec: ["RFC8259#8.1"],
    },
  );
}

export function matrixJson(library: Library): void {
  const common = { area: "matrix", op: "matrix.canonical-json", spec: [CANONICAL] };
  const forms = library.topic({ ...common, topic: "canonical", description: "JSON, and its one form that is signed" });
  for (const [key, about, text, canonical, more = {}] of FORMS) forms.valid(key, about, text, { canonical }, more);
  numbers(forms);
  open(forms);
  sizes(forms);
  const strings = library.topic({ ...common, topic: "strings", description: "Strings as values and as keys" });
  for (const [key, text, canonical] of STRINGS) {
    strings.valid(`value.${key}`, `The string "${text}"`, `{"a":"${text}"}`, { canonical: `{"a":"${canonical}"}` });
    strings.valid(`key.${key}`, `The key "${text}"`, `{"${text}":1}`, { canonical: `{"${canonical}":1}` });
  }
  const refused = library.topic({
    ...common,
    topic: "refused",
    description: "What is no JSON, or has no canonical form",
  });
  for (const [key, about, text, spec, flag] of REFUSED)
    refused.invalid(key, about, text, about, { spec: [spec], flags: [flag] });
}
