/** Thrown by `assert` and `unreachable`: a mistake in the program, never in its input. */
export class ProgrammerError extends Error {
  override readonly name = "ProgrammerError";
}

/** States what must hold. `what` names it for whoever reads the stack trace. */
export function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new ProgrammerError(`assertion failed: ${what}`);
}

/** Ends an exhaustive switch: it does not compile while a member is missing. */
export function unreachable(value: never): never {
  throw new ProgrammerError(`unreachable: ${JSON.stringify(value)}`);
}
