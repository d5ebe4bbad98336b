import type { Header, Message } from "@scop/mime";

/** How much of a message was read. */
export type SearchSource =
  | { readonly read: "nothing" }
  | { readonly read: "header"; readonly header: Header }
  | { readonly read: "message"; readonly message: Message };
