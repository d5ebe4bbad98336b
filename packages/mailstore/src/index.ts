export { MAILBOXES_MAX } from "./limits.ts";
export { createMailstore, type Mailstore } from "./mailstore.ts";
