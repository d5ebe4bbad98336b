import type { DnsCheck as Checking, DnsQuestion } from "@scop/dns/check";
import { type Diagnostic, remembered } from "@scop/wire";
import { REMEMBERED_RECORDS } from "./limits.ts";
import { type DmarcRecord, isDmarcRecord, parseDmarcRecord } from "./record.ts";
import { endsWalk, type Visited, walkOf } from "./walk.ts";

const readRecord = remembered(parseDmarcRecord, REMEMBERED_RECORDS);

/** What DNS did not say. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
  readonly kind: "temporary" | "bogus";
  readonly about: string;

  constructor(kind: "temporary" | "bogus", about: string) {
    super(about);
    this.kind = kind;
    this.about = about;
  }
}

/** A record that was found, with the faults in it. */
interface FoundRecord {
  readonly record: DmarcRecord;
  readonly notes: readonly Diagnostic[];
}

/** Asks one question. Throws `Unanswered`. */
export function* ask(query: DnsQuestion & { readonly name: string }): Checking<readonly string[]> {
  const answer = yield query;
  if (answer.found === "failure") throw new Unanswered(answer.kind, query.name);
  return answer.found === "records" ? answer.records : [];
}

/** Records of domains; each is asked for once. */
export class Discovery {
  readonly #records = new Map<string, FoundRecord | undefined>();

  /** The record of a domain that was asked for. */
  known(domain: string): FoundRecord | undefined {
    return this.#records.get(domain);
  }

  /** The records from a domain upwards. Throws `Unanswered`. RFC 9989 4.10 */
  *walk(start: string): Checking<readonly Visited[]> {
    const visited: Visited[] = [];
    for (const domain of walkOf(start)) {
      const record = (yield* this.recordOf(domain))?.record;
      visited.push({ domain, record });
      if (endsWalk(record)) break;
    }
    return visited;
  }

  /** The one record of a domain; several are none. Throws `Unanswered`. RFC 9989 4.10 */
  *recordOf(domain: string): Checking<FoundRecord | undefined> {
    if (this.#records.has(domain)) return this.#records.get(domain);
    const texts = (yield* ask({ type: "TXT", name: `_dmarc.${domain}` })).filter(isDmarcRecord);
    const read = texts.length === 1 ? readRecord(texts[0]!) : undefined;
    const found = read?.ok ? { record: read.value, notes: read.notes } : undefined;
    this.#records.set(domain, found);
    return found;
  }
}
