import assert from "node:assert/strict";
import {
  type DataOf,
  decodeMessage,
  encodeMessage,
  type Flags,
  type Message,
  openResolver,
  type RecordData,
  type RecordType,
  type ResolverEffect,
  type ResolverInput,
  type ResolverServer,
  type ResolverState,
  type ResourceRecord,
  stepResolver,
} from "@scop/dns";
import type { DnsAnswer } from "@scop/platform";
import { seededRandom } from "@scop/sim";
import { concat, type IpText } from "@scop/wire";
import { nameOf } from "./vectors.ts";

export const trusted: ResolverServer = {
  address: "127.0.0.1" as IpText,
  port: 53,
  transport: { by: "plain" },
  word: "trusted",
};
export const second: ResolverServer = { ...trusted, address: "192.0.2.53" as IpText, word: "untrusted" };
export const overTls: ResolverServer = {
  ...trusted,
  address: "192.0.2.54" as IpText,
  port: 853,
  transport: { by: "tls", serverName: "dns.example" },
};

export function record(name: string, data: RecordData, ttlS = 60): ResourceRecord {
  return { name: nameOf(name), class: 1, ttlS, data };
}

export function a(address: string): DataOf<"A"> {
  return { type: "A", address: address as IpText };
}

export function soa(minimumS: number): DataOf<"SOA"> {
  const root = nameOf("");
  return { type: "SOA", primary: root, mailbox: root, serial: 1, refreshS: 0, retryS: 0, expireS: 0, minimumS };
}

export function parsedMessage(octets: Uint8Array): Message {
  const read = decodeMessage(octets);
  assert.ok(read.ok);
  return read.value;
}

/** A message as it stands on a stream. */
export function framedMessage(message: Message): Uint8Array {
  const octets = encodeMessage(message);
  return concat([Uint8Array.of(octets.length >> 8, octets.length), octets]);
}

/** What a server says to a query; its cookie goes back with one of the server's. */
export function reply(
  query: Message,
  parts: Partial<Omit<Message, "flags">> = {},
  flags: Partial<Flags> = {},
): Message {
  const cookie = query.edns?.options.find(option => option.option === "cookie");
  const options = cookie === undefined ? [] : [{ ...cookie, server: new Uint8Array(8).fill(7) }];
  return {
    ...query,
    flags: { ...query.flags, response: true, recursionAvailable: true, authenticData: false, ...flags },
    edns: query.edns === undefined ? undefined : { udpOctets: 1232, version: 0, dnssecOk: false, options },
    ...parts,
  };
}

type Sent = ResolverEffect & { readonly do: "send" };
type Written = ResolverEffect & { readonly do: "write" };

/** A resolver, what it did, and the hand of its servers. */
export class ResolverWorld {
  readonly state: ResolverState;
  readonly effects: ResolverEffect[] = [];
  now = 0;
  #lastId = 0;

  constructor(servers: readonly ResolverServer[] = [trusted], seed = 1) {
    this.state = openResolver(servers, seededRandom(seed));
  }

  step(input: Record<string, unknown>): void {
    this.effects.push(...stepResolver(this.state, { ...input, now: this.now } as unknown as ResolverInput));
  }

  /** Asks, and gives the number by which the answer is known. */
  ask(name: string, type: RecordType = "A"): number {
    this.#lastId += 1;
    this.step({ on: "ask", id: this.#lastId, name: nameOf(name), type });
    return this.#lastId;
  }

  after(ms: number): void {
    this.now += ms;
    this.step({ on: "tick" });
  }

  of<T extends ResolverEffect["do"]>(kind: T): (ResolverEffect & { readonly do: T })[] {
    return this.effects.filter((effect): effect is ResolverEffect & { readonly do: T } => effect.do === kind);
  }

  get sent(): Sent {
    return this.of("send").at(-1)!;
  }

  get written(): Written {
    return this.of("write").at(-1)!;
  }

  /** The last query in a datagram. */
  get query(): Message {
    return parsedMessage(this.sent.octets);
  }

  /** The last query on a stream. */
  get streamQuery(): Message {
    return parsedMessage(this.written.octets.subarray(2));
  }

  answer(message: Message, exchange: number = this.sent.exchange): void {
    this.step({ on: "datagram", exchange, octets: encodeMessage(message) });
  }

  answerOnStream(message: Message, stream: number = this.written.stream): void {
    this.step({ on: "octets", stream, octets: framedMessage(message) });
  }

  open(): void {
    this.step({ on: "opened", stream: this.of("open").at(-1)!.stream });
  }

  answerTo(id: number): DnsAnswer<RecordData> | undefined {
    return this.of("answer").find(effect => effect.id === id)?.answer;
  }
}
