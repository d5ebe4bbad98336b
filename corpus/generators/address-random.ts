import { type SeededRandom, seededRandom } from "@scop/sim";
import type { Library } from "./topic.ts";

const CASES = 160;
const SEED = 5322;

const ATOMS = ["ann", "B", "x-1", "!#$%&'*+-/=?^_`{|}~", "0", "a'b", "Zed"];

const QUOTED: readonly (readonly [text: string, value: string])[] = [
  ['"a b"', "a b"],
  ['"x"', "x"],
  ['"a, b"', "a, b"],
  ['"q\\"q"', 'q"q'],
  ['"b\\\\s"', "b\\s"],
  ['"p(r)"', "p(r)"],
  ['"a\\bc"', "abc"],
  ['"a\r\n b"', "a b"],
  ['"~}|{"', "~}|{"],
  ['"[<>:;,.]"', "[<>:;,.]"],
];

type Written = readonly [text: string, value: string];

interface Mailbox {
  readonly name?: string;
  readonly address: string;
}

/** Makes addresses by chance. */
class Maker {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.#random.integer(list.length)]!;
  }

  /** White space and comments where RFC 5322 3.2.2 lets them stand. */
  gap(): string {
    return this.oneOf([
      "",
      "",
      "",
      " ",
      "\t",
      " \t ",
      "\r\n ",
      "\r\n\t",
      " \r\n ",
      "(c)",
      " (a (b) c) ",
      "(\\) \\()",
      "()",
      "(\r\n x)",
    ]);
  }

  /** The same with at least one space in it. */
  wideGap(): string {
    return this.oneOf([" ", "\t", "  ", "\r\n ", " (c) ", ' (x@y.example, "z) ']);
  }

  word(): Written {
    if (this.#random.integer(3) === 0) return this.oneOf(QUOTED);
    const atom = this.oneOf(ATOMS);
    return [atom, atom];
  }

  /** RFC 5322 3.4: display-name = phrase, each word with a space between them. */
  name(): Written {
    const words = Array.from({ length: 1 + this.#random.integer(3) }, () => this.word());
    let text = "";
    for (const [at, [written]] of words.entries()) text += (at > 0 ? this.wideGap() : "") + written;
    return [text, words.map(([, value]) => value).join(" ")];
  }

  local(): Written {
    if (this.#random.integer(4) === 0) return this.oneOf(QUOTED);
    const atoms = Array.from({ length: 1 + this.#random.integer(3) }, () => this.oneOf(ATOMS)).join(".");
    return [atoms, atoms];
  }

  domain(): string {
    return this.oneOf([
      "example.com",
      "a.example",
      "x-1.example.org",
      "EXAMPLE.net",
      "localhost",
      "[192.0.2.1]",
      "[IPv6:2001:db8::1]",
    ]);
  }

  mailbox(): readonly [text: string, mailbox: Mailbox] {
    const [left, value] = this.local();
    const right = this.domain();
    const address = `${value}@${right}`;
    if (this.#random.integer(3) === 0) return [`${this.gap()}${left}@${right}${this.gap()}`, { address }];
    const spec = `${this.gap()}<${this.gap()}${left}@${right}${this.gap()}>${this.gap()}`;
    if (this.#random.integer(4) === 0) return [spec, { address }];
    const [written, shown] = this.name();
    return [`${this.gap()}${written}${spec}`, { name: shown, address }];
  }

  group(found: Mailbox[]): string {
    const members = Array.from({ length: this.#random.integer(3) }, () => {
      const [text, each] = this.mailbox();
      found.push(each);
      return text;
    });
    return `${this.name()[0]}:${members.length === 0 ? this.gap() : members.join(",")};${this.gap()}`;
  }
}

/** Lists of addresses by the grammar of what is sent, with all that it lets stand anywhere; what they are is known from how they were made. */
export function addressRandom(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "random",
    description: `Lists of addresses by RFC 5322 3.4, made by chance from the seed ${SEED}`,
    op: "address.list",
    spec: ["RFC5322#3.4"],
  });
  const random = seededRandom(SEED);
  const maker = new Maker(random);
  for (let at = 1; at <= CASES; at += 1) {
    const mailboxes: Mailbox[] = [];
    const elements = Array.from({ length: 1 + random.integer(3) }, () => {
      if (random.integer(6) === 0) return maker.group(mailboxes);
      const [text, each] = maker.mailbox();
      mailboxes.push(each);
      return text;
    });
    const input = elements.join(",");
    const about = `${mailboxes.length} mailboxes in ${elements.length} elements`;
    topic.valid(`seed-${String(at).padStart(3, "0")}`, about, input, { mailboxes, count: mailboxes.length });
  }
}
