/** Wrong use: of an option, an argument or the configuration. Exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that was found wrong or could not be done. Exit status 1. */
export class Fault extends Error {
  override readonly name = "Fault";
}
