import { fieldRaw, type Header, type HeaderField, type HeaderView } from "@scop/mime";
import type { Diagnostic, Parsed } from "@scop/wire";
import { ARC_SETS_MAX } from "../limits.ts";
import type { ReadSignature } from "../signature.ts";
import { moved } from "../tag-reader.ts";
import { isHeaderWhole } from "../verify.ts";
import { type MessageSignature, type ReadSeal, readMessageSignature, readResultsInstance, readSeal } from "./fields.ts";
import { type ArcFailure, arcFailure } from "./verdict.ts";

/** The three fields of one who handled the message. RFC 8617 4.2 */
export interface ArcSet {
  readonly instance: number;
  readonly results: HeaderField;
  /** The results behind `i=`, for `parseAuthenticationResults`. */
  readonly resultsValue: HeaderField;
  readonly messageSignature: HeaderField;
  readonly message: ReadSignature<MessageSignature>;
  readonly sealField: HeaderField;
  readonly seal: ReadSeal;
}

/** The sets of a message, from the first to the last; none where it has no chain. */
type ReadSets =
  | { readonly ok: true; readonly sets: readonly ArcSet[] }
  | { readonly ok: false; readonly failure: ArcFailure };

type Draft = { -readonly [Key in keyof ArcSet]?: ArcSet[Key] };

/** What is gathered while the header is read. */
interface Gathered {
  readonly drafts: Map<number, Draft>;
  /** The first fault of the form, told only where the newest seal does not say that the chain failed already. */
  fault: ArcFailure | undefined;
  fields: number;
}

const SEAL = "arc-seal";

function refuse(gathered: Gathered, failure: ArcFailure): void {
  gathered.fault ??= failure;
}

/** The draft that a field belongs to; undefined where it has such a field. */
function draftOf(gathered: Gathered, instance: number, part: keyof ArcSet): Draft | undefined {
  const draft = gathered.drafts.get(instance) ?? { instance };
  gathered.drafts.set(instance, draft);
  if (draft[part] === undefined) return draft;
  refuse(gathered, arcFailure("set-repeated", instance));
  return undefined;
}

function valueAt<T>(header: HeaderView, field: HeaderField, read: (value: Uint8Array) => Parsed<T>): Parsed<T> {
  return moved(read(fieldRaw(header.bytes, field)), field.valueOffset);
}

function gatherResults(gathered: Gathered, header: HeaderView, field: HeaderField): Diagnostic | undefined {
  const read = readResultsInstance(header.bytes, field);
  if (!read.ok) return read.error;
  const draft = draftOf(gathered, read.value.instance, "results");
  if (draft !== undefined) Object.assign(draft, { results: field, resultsValue: read.value.results });
  return undefined;
}

function gatherMessage(gathered: Gathered, header: HeaderView, field: HeaderField): Diagnostic | undefined {
  const read = valueAt(header, field, readMessageSignature);
  if (!read.ok) return read.error;
  const { instance, fields } = read.value.signature;
  if (fields.includes(SEAL)) refuse(gathered, arcFailure("seal-is-signed", instance));
  const draft = draftOf(gathered, instance, "message");
  if (draft !== undefined) Object.assign(draft, { messageSignature: field, message: read.value });
  return undefined;
}

function gatherSeal(gathered: Gathered, header: HeaderView, field: HeaderField): Diagnostic | undefined {
  const read = valueAt(header, field, readSeal);
  if (!read.ok) return read.error;
  const { instance } = read.value.seal;
  if (read.value.tags.has("h")) refuse(gathered, arcFailure("seal-signs-fields", instance));
  const draft = draftOf(gathered, instance, "seal");
  if (draft !== undefined) Object.assign(draft, { sealField: field, seal: read.value });
  return undefined;
}

const GATHERERS: ReadonlyMap<string, typeof gatherSeal> = new Map([
  ["arc-authentication-results", gatherResults],
  ["arc-message-signature", gatherMessage],
  [SEAL, gatherSeal],
]);

/** Reads one field of a chain. What is malformed is noted as the fault of the form. */
function gather(gathered: Gathered, header: HeaderView, field: HeaderField): void {
  const diagnostic = GATHERERS.get(field.lowerName)?.(gathered, header, field);
  if (diagnostic !== undefined) refuse(gathered, arcFailure("field-malformed", undefined, undefined, diagnostic));
}

/** Whether the field is one of a chain. */
function isArcField(field: HeaderField): boolean {
  return GATHERERS.has(field.lowerName);
}

/** The newest seal that can be read, whatever else is wrong. */
function newestOf(drafts: ReadonlyMap<number, Draft>): Draft | undefined {
  let newest: Draft | undefined;
  for (const draft of drafts.values()) if ((draft.instance ?? 0) > (newest?.instance ?? 0)) newest = draft;
  return newest;
}

/**
 * The sets of a chain, or what is wrong with its form. In the order of the RFC: more than 50 sets; a newest seal that says `fail`; then sets
 * that are malformed, incomplete, repeated or missing, and seals that say of the chain before them what can't be. RFC 8617 5.2
 */
export function readSets(header: Header): ReadSets {
  if (!isHeaderWhole(header)) return { ok: false, failure: arcFailure("header-limit") };
  const gathered: Gathered = { drafts: new Map(), fault: undefined, fields: 0 };
  for (const field of header.header) {
    if (!isArcField(field)) continue;
    gathered.fields += 1;
    if (gathered.fields > ARC_SETS_MAX * 3) return { ok: false, failure: arcFailure("sets-limit") };
    gather(gathered, header, field);
  }
  const { drafts } = gathered;
  const newest = newestOf(drafts);
  if (newest?.seal?.seal.chain === "fail") return { ok: false, failure: arcFailure("chain-failed", newest.instance) };
  if (gathered.fault !== undefined) return { ok: false, failure: gathered.fault };
  const sets: ArcSet[] = [];
  for (let instance = 1; instance <= drafts.size; instance += 1) {
    const draft = drafts.get(instance);
    if (draft === undefined) return { ok: false, failure: arcFailure("sets-not-continuous", instance) };
    if (draft.results === undefined || draft.message === undefined || draft.seal === undefined)
      return { ok: false, failure: arcFailure("set-incomplete", instance) };
    if (draft.seal.seal.chain !== (instance === 1 ? "none" : "pass"))
      return { ok: false, failure: arcFailure("chain-status", instance) };
    sets.push(draft as ArcSet);
  }
  return { ok: true, sets };
}

/** The highest instance that any readable field of a chain has: 0 where there is none. For who seals a broken chain. RFC 8617 5.1.2 */
export function highestInstance(header: HeaderView): { readonly instance: number; readonly chain: string | undefined } {
  const gathered: Gathered = { drafts: new Map(), fault: undefined, fields: 0 };
  for (const field of header.header) if (isArcField(field)) gather(gathered, header, field);
  const newest = newestOf(gathered.drafts);
  return { instance: newest?.instance ?? 0, chain: newest?.seal?.seal.chain };
}
