import type { Random } from "@scop/platform";
import { equalBytes } from "@scop/wire";
import type { EdnsOption } from "./edns.ts";
import { UDP_OCTETS } from "./limits.ts";
import { encodeMessage, type Message, Rcode } from "./message.ts";
import { type Name, sameName } from "./name.ts";
import { CLASS_IN } from "./record.ts";

/** A query that is under way, and by what its answer is known. */
export interface Query {
  readonly id: number;
  /** As it was sent: over datagrams with letters in a case of our choice. */
  readonly name: Name;
  readonly type: number;
  readonly over: "datagram" | "stream";
  readonly clientCookie: Uint8Array;
  /** The server is known to give cookies, so that its datagrams without one are not its own. RFC 7873 5.3 */
  readonly cookieExpected: boolean;
  readonly octets: Uint8Array;
}

/** What a query is made of. */
interface QueryPlan {
  readonly name: Name;
  readonly type: number;
  readonly over: "datagram" | "stream";
  readonly clientCookie: Uint8Array;
  readonly serverCookie: Uint8Array | undefined;
  readonly edns: "edns" | "plain";
  /** `disabled`: what does not pass validation is wanted too. RFC 4035 3.2.2 */
  readonly checking: "enabled" | "disabled";
  /** To blocks of 128 octets, against those who count them. RFC 8467 4.1 */
  readonly padding: "padded" | "none";
}

const PADDING = 12;
const PADDING_BLOCK_OCTETS = 128;

/** The name with each letter in a case that chance chooses, which honest servers repeat and guessers have to guess. */
function inAnyCase(name: Name, random: Random): Name {
  const chances = random.bytes(name.length);
  let text = "";
  for (let at = 0; at < name.length; at += 1) {
    const letter = name[at]!;
    text += (chances[at]! & 1) === 0 ? letter.toLowerCase() : letter.toUpperCase();
  }
  return text as Name;
}

/** A query with an id that nobody can foresee. `isTaken`: ids in use on its stream, of which there are few. RFC 5452 9.2 */
export function makeQuery(random: Random, isTaken: (id: number) => boolean, plan: QueryPlan): Query {
  const [high, low] = random.bytes(2);
  let id = high! * 256 + low!;
  while (isTaken(id)) id = (id + 1) % 65_536;
  const name = plan.over === "datagram" ? inAnyCase(plan.name, random) : plan.name;
  const cookie: EdnsOption = { option: "cookie", client: plan.clientCookie, server: plan.serverCookie };
  const encode = (options: readonly EdnsOption[]): Uint8Array =>
    encodeMessage({
      id,
      flags: {
        response: false,
        authoritative: false,
        truncated: false,
        recursionDesired: true,
        recursionAvailable: false,
        authenticData: true,
        checkingDisabled: plan.checking === "disabled",
      },
      opcode: 0,
      rcode: Rcode.noError,
      questions: [{ name, type: plan.type, class: CLASS_IN }],
      answers: [],
      authorities: [],
      additionals: [],
      edns: plan.edns === "plain" ? undefined : { udpOctets: UDP_OCTETS, version: 0, dnssecOk: false, options },
    });
  let octets = encode([cookie]);
  if (plan.padding === "padded" && plan.edns === "edns") {
    const missing = (PADDING_BLOCK_OCTETS - ((octets.length + 4) % PADDING_BLOCK_OCTETS)) % PADDING_BLOCK_OCTETS;
    octets = encode([cookie, { option: "other", code: PADDING, octets: new Uint8Array(missing) }]);
  }
  const cookieExpected = plan.edns === "edns" && plan.serverCookie !== undefined;
  const { type, over, clientCookie } = plan;
  return { id, name, type, over, clientCookie, cookieExpected, octets };
}

/** The cookie of a message. */
export function cookieOf(message: Message): (EdnsOption & { readonly option: "cookie" }) | undefined {
  return message.edns?.options.find(option => option.option === "cookie");
}

/** Whether a message answers this very query, as far as anybody who did not see the query can tell. RFC 5452 9.1, RFC 7873 5.3 */
export function isAnswerTo(query: Query, message: Message): boolean {
  const [question, ...more] = message.questions;
  if (!message.flags.response || message.opcode !== 0 || message.id !== query.id) return false;
  if (question === undefined || more.length > 0) return false;
  if (question.type !== query.type || question.class !== CLASS_IN) return false;
  if (query.over === "stream") return sameName(question.name, query.name);
  const cookie = cookieOf(message);
  if (cookie === undefined ? query.cookieExpected : !equalBytes(cookie.client, query.clientCookie)) return false;
  return question.name === query.name;
}
