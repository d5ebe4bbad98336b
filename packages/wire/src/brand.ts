declare const brand: unique symbol;

/** A type that only its own constructor can make: `type Domain = Brand<string, "Domain">`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
