import type { Verb } from "./command.ts";
import type { Misplaced } from "./server-replies.ts";

/** The phases in which commands are read. */
export type CommandPhase = "start" | "ready" | "mail" | "rcpt";

/** The order of commands, RFC 5321 4.1.4: what each verb meets in each phase. This table is what the server obeys. */
export const transitions: Record<Verb, Record<CommandPhase, "go" | Misplaced>> = {
  HELO: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  EHLO: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  MAIL: { start: "helo-first", ready: "go", mail: "transaction-open", rcpt: "transaction-open" },
  RCPT: { start: "helo-first", ready: "mail-first", mail: "go", rcpt: "go" },
  DATA: { start: "helo-first", ready: "mail-first", mail: "recipient-first", rcpt: "go" },
  STARTTLS: { start: "helo-first", ready: "go", mail: "transaction-open", rcpt: "transaction-open" },
  AUTH: { start: "helo-first", ready: "go", mail: "transaction-open", rcpt: "transaction-open" },
  RSET: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  NOOP: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  VRFY: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  EXPN: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  HELP: { start: "go", ready: "go", mail: "go", rcpt: "go" },
  QUIT: { start: "go", ready: "go", mail: "go", rcpt: "go" },
};
