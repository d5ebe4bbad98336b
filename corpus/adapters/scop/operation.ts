import type { Answer, JsonObject } from "@scop/corpus";
import type { Diagnostic, Parsed } from "@scop/wire";

/** One operation of the corpus: the fields of its value, and how it is answered. */
interface Operation {
  readonly fields: readonly string[];
  readonly run: (bytes: Uint8Array, params: JsonObject) => Answer | Promise<Answer>;
}

/** Operations by their names. */
export type Operations = Readonly<Record<string, Operation>>;

/** The codes of diagnostics, each once. */
function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return [...new Set(diagnostics.map(({ code }) => code))];
}

/** What was accepted, with what was noticed. `clean`: nothing was. */
export function accepted(value: JsonObject, diagnostics: readonly Diagnostic[] = []): Answer {
  return {
    outcome: "accept",
    value: { ...value, clean: diagnostics.length === 0 },
    reported: codesOf(diagnostics),
  };
}

/** What a strict parser answers. */
export function parsedAnswer<T>(read: Parsed<T>, show: (value: T) => JsonObject): Answer {
  if (!read.ok) return { outcome: "reject", reason: `${read.error.code} (${read.error.rule})` };
  return accepted(show(read.value), read.notes);
}

/** A text among the parameters. */
export function textParam(params: JsonObject, name: string): string {
  const value = params[name];
  return typeof value === "string" ? value : "";
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
