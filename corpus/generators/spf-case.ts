import type { Expectation, JsonObject } from "@scop/corpus";
import type { More, Topic } from "./topic.ts";

const SENDER = "ann@example.com";
const IP = "192.0.2.10";

interface Asked {
  readonly ip?: string;
  readonly helo?: string;
  readonly mailFrom?: string;
}

/** A case of a record, with other names beside it. */
export function addSpf(
  topic: Topic,
  key: string,
  about: string,
  record: string | readonly string[],
  expect: string | readonly string[],
  names: JsonObject = {},
  asked: Asked = {},
  more: More = {},
): void {
  const txt = typeof record === "string" ? [record] : record;
  const zone = {
    "example.com": { TXT: txt, ...((names["example.com"] as JsonObject | undefined) ?? {}) },
    ...Object.fromEntries(Object.entries(names).filter(([name]) => name !== "example.com")),
  };
  const words = typeof expect === "string" ? [expect] : expect;
  const value: Expectation = words.length === 1 ? { result: words[0] } : { oneOf: words.map(result => ({ result })) };
  const params = { ip: IP, helo: "mx.example.org", mailFrom: SENDER, ...asked, zone };
  topic.word(key, about, txt[0] ?? "", value, { ...more, params });
}
