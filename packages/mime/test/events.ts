import assert from "node:assert/strict";
import {
  decodePartBytes,
  heldOctetsMax,
  type MessageEvent,
  type MessageReaderOptions,
  openMessageReader,
  type Part,
  parseMessage,
} from "@scop/mime";
import { concat, type Diagnostic, latin1 } from "@scop/wire";

/** The events of these pieces. What the reader holds is within its bound all the time. */
export function eventsOf(pieces: Iterable<Uint8Array>, options: MessageReaderOptions): readonly MessageEvent[] {
  const reader = openMessageReader(options);
  const most = heldOctetsMax(options.limits);
  const events: MessageEvent[] = [];
  for (const piece of pieces) {
    events.push(...reader.feed(piece));
    assert.ok(reader.held <= most, `${reader.held} octets are held`);
  }
  events.push(...reader.end());
  return events;
}

/** An event as text, so that long ones compare fast. */
function shown(event: MessageEvent): string {
  switch (event.on) {
    case "part": {
      const { depth, offset, mediaType, encoding, header, bytes } = event;
      return `part ${JSON.stringify([depth, offset, mediaType, encoding, header, latin1(bytes)])}`;
    }
    case "content":
    case "outside":
      return `${event.on} ${latin1(event.bytes)}`;
    case "end":
      return `end ${event.offset}`;
    case "diagnostic":
      return `diagnostic ${JSON.stringify(event.diagnostic)}`;
  }
}

/** Events with octets that follow each other joined. */
export function joined(events: readonly MessageEvent[]): readonly string[] {
  const found: string[] = [];
  let open: string[] = [];
  let kind = "";
  const close = (): void => {
    if (open.length > 0) found.push(`${kind} ${open.join("")}`);
    open = [];
  };
  for (const event of events) {
    const isOctets = event.on === "content" || event.on === "outside";
    if (!isOctets || event.on !== kind) close();
    kind = event.on;
    if (isOctets) open.push(latin1(event.bytes));
    else found.push(shown(event));
  }
  close();
  return found;
}

/** What the index says, as events: parts with their places, bodies of leaves, ends, and the diagnostics apart. */
function indexed(bytes: Uint8Array, options: MessageReaderOptions): readonly [string[], readonly Diagnostic[]] {
  const message = parseMessage(bytes, options.limits);
  const found: string[] = [];
  const diagnostics = [...message.diagnostics];
  const waiting: (readonly [part: Part, depth: number, ends: boolean])[] = [[message.root, 0, false]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [part, depth, ends] = next;
    const { headerOffset, bodyOffset, mediaType, encoding, children } = part;
    if (ends) {
      found.push(`end ${part.end}`);
      continue;
    }
    const header = part.header.map(field => ({
      ...field,
      offset: field.offset - headerOffset,
      valueOffset: field.valueOffset - headerOffset,
    }));
    const raw = latin1(bytes, headerOffset, bodyOffset);
    found.push(`part ${JSON.stringify([depth, headerOffset, mediaType, encoding, header, raw])}`);
    waiting.push([part, depth, true]);
    for (const child of children.toReversed()) waiting.push([child, depth + 1, false]);
    // What is in none of the parts of a multipart is given as octets outside.
    if (children.length > 0 || mediaType.startsWith("multipart/")) continue;
    const decoded = decodePartBytes(message, part);
    const content = options.content === "raw" ? bytes.subarray(bodyOffset, part.end) : decoded.value;
    if (content.length > 0) found.push(`content ${latin1(content)}`);
    if (options.content === "decoded") diagnostics.push(...decoded.diagnostics);
  }
  return [found, diagnostics];
}

function sorted(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(found => JSON.stringify([found.code, found.offset, found.length, found.rule])).sort();
}

/** Holds the events against the index: the same parts, bodies, ends and findings. */
export function assertAsIndexed(
  bytes: Uint8Array,
  events: readonly MessageEvent[],
  options: MessageReaderOptions,
): void {
  const [found, diagnostics] = indexed(bytes, options);
  const seen = joined(events.filter(event => event.on !== "diagnostic" && event.on !== "outside"));
  assert.deepEqual(seen, found);
  const noted = events.flatMap(event => (event.on === "diagnostic" ? [event.diagnostic] : []));
  if (noted.length < (options.limits?.diagnostics ?? 1000)) assert.deepEqual(sorted(noted), sorted(diagnostics));
}

/** The octets of raw events are those of the message. */
export function assertLossless(bytes: Uint8Array, events: readonly MessageEvent[]): void {
  const octets = events.flatMap(event => ("bytes" in event ? [event.bytes] : []));
  assert.equal(latin1(concat(octets)), latin1(bytes));
}
