import { heldOctetsMax, type MessageEvent, openMessageReader, parseMessage, partsOf } from "@scop/mime";
import { MESSAGE_GRAMMAR, MESSAGE_SEEDS } from "./messages.ts";
import { check, latin1, piecesOf, same } from "./properties.ts";

export const about =
  "a message read in pieces gives what it gives as a whole, loses no octet, and has the parts of the index";
export const seeds = MESSAGE_SEEDS;
export const grammar = MESSAGE_GRAMMAR;

/** Small, so that they are reached. */
const SMALL = { depth: 3, parts: 6, headerOctets: 300, fields: 6, fieldsTotal: 12, lineOctets: 60, diagnostics: 1_000 };

export function fuzz(data: Uint8Array): void {
  const limits = data.length % 4 === 0 ? SMALL : {};
  for (const content of ["raw", "decoded"] as const) {
    const whole = shown(read([data], content, limits));
    same(shown(read(piecesOf(data), content, limits)), whole, `pieces are read as the whole is, ${content}`);
  }
  const raw = read([data], "raw", limits);
  const octets = raw.map(event => ("bytes" in event ? latin1(event.bytes) : "")).join("");
  check(octets === latin1(data), "the events hold every octet once");
  for (const event of raw) {
    check(event.on !== "part" || event.depth < (limits === SMALL ? SMALL.depth : 100), "depth is bounded");
  }
  const parts = raw.filter(event => event.on === "part").map(event => [event.offset, event.mediaType, event.encoding]);
  const index = partsOf(parseMessage(data, limits).root).map(part => [
    part.headerOffset,
    part.mediaType,
    part.encoding,
  ]);
  same(parts, index, "the stream has the parts of the index");
}

function read(pieces: readonly Uint8Array[], content: "raw" | "decoded", limits: object): readonly MessageEvent[] {
  const reader = openMessageReader({ content, limits });
  const most = heldOctetsMax(limits);
  const events: MessageEvent[] = [];
  for (const piece of pieces) {
    events.push(...reader.feed(piece));
    check(reader.held <= most, "what a reader holds is bounded");
  }
  return [...events, ...reader.end()];
}

/** Events as text, octets that follow each other joined. Diagnostics come as early as they can: they are sorted behind the rest. */
function shown(events: readonly MessageEvent[]): readonly string[] {
  const found: string[] = [];
  const notes: string[] = [];
  let open: { kind: string; text: string } | undefined;
  for (const event of events) {
    if (event.on === "diagnostic") {
      notes.push(JSON.stringify(event.diagnostic));
      continue;
    }
    const isOctets = event.on === "content" || event.on === "outside";
    if (open && (!isOctets || event.on !== open.kind)) {
      found.push(`${open.kind} ${open.text}`);
      open = undefined;
    }
    if (!isOctets)
      found.push(JSON.stringify(event, (_key, value) => (value instanceof Uint8Array ? latin1(value) : value)));
    else if (event.bytes.length > 0) open = { kind: event.on, text: (open?.text ?? "") + latin1(event.bytes) };
  }
  if (open) found.push(`${open.kind} ${open.text}`);
  return [...found, ...notes.sort()];
}
