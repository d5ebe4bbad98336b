import type { Verb } from "./command.ts";
import type { Misplaced } from "./server-replies.ts";

/** The phases in which commands are read. */
export type CommandPhase = "start" | "ready" | "mail" | "rcpt" | "chunked";

/** The order of commands, RFC 5321 4.1.4 and RFC 3030 2: what each verb meets in each phase. This table is what the server obeys. */
export const transitions: Record<Verb, Record<CommandPhase, "go" | Misplaced>> = {
  HELO: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  EHLO: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  LHLO: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  MAIL: {
    start: "helo-first",
    ready: "go",
    mail: "transaction-open",
    rcpt: "transaction-open",
    chunked: "transaction-open",
  },
  RCPT: { start: "helo-first", ready: "mail-first", mail: "go", rcpt: "go", chunked: "chunks-open" },
  DATA: { start: "helo-first", ready: "mail-first", mail: "recipient-first", rcpt: "go", chunked: "chunks-open" },
  BDAT: { start: "helo-first", ready: "mail-first", mail: "recipient-first", rcpt: "go", chunked: "go" },
  STARTTLS: {
    start: "helo-first",
    ready: "go",
    mail: "transaction-open",
    rcpt: "transaction-open",
    chunked: "transaction-open",
  },
  AUTH: {
    start: "helo-first",
    ready: "go",
    mail: "transaction-open",
    rcpt: "transaction-open",
    chunked: "transaction-open",
  },
  RSET: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  NOOP: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  VRFY: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  EXPN: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  HELP: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
  QUIT: { start: "go", ready: "go", mail: "go", rcpt: "go", chunked: "go" },
};
