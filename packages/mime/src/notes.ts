import type { Diagnostic } from "@scop/wire";

/** Diagnostics up to a limit; what comes after it is dropped. */
export interface Notes {
  readonly list: Diagnostic[];
  readonly max: number;
}

export function note(notes: Notes, code: string, offset: number, length: number, rule: string): void {
  if (notes.list.length < notes.max) notes.list.push({ code, offset, length, rule });
}
