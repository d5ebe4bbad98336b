import type { Diagnostic } from "@scop/wire";
import type { Reply } from "./reply.ts";

/** Why something did not work, and who has to mend it. */
export type Failure =
  /** The server said no. */
  | { readonly blame: "peer"; readonly kind: "reply"; readonly reply: Reply }
  /** The server broke the protocol, or went away. */
  | { readonly blame: "peer"; readonly kind: "protocol"; readonly detail: Diagnostic }
  | { readonly blame: "peer"; readonly kind: "closed" | "timeout" | "tls"; readonly during: string }
  /** The message needs an extension that the server lacks: RFC 6152, RFC 6531, RFC 1870, or STARTTLS where required. */
  | { readonly blame: "caller"; readonly kind: "unsupported"; readonly extension: string };

/** What became of one recipient. */
export type RecipientOutcome =
  | { readonly outcome: "delivered"; readonly reply: Reply }
  | { readonly outcome: "temporary" | "permanent"; readonly failure: Failure };
