import { existsSync } from "node:fs";
import { measureAccept } from "./accept.ts";
import { authTable } from "./auth/table.ts";
import { measureAuth } from "./auth.ts";
import { measureClient } from "./client.ts";
import { measureDeliver } from "./deliver.ts";
import { measureHostile } from "./hostile.ts";
import { measureImap } from "./imap.ts";
import { measureMatrix } from "./matrix.ts";
import { measureJoin } from "./matrix-join.ts";
import { suiteFolder } from "./mime/inputs.ts";
import { mimeTable } from "./mime/table.ts";
import { measureMime } from "./mime.ts";
import { measureQueue } from "./queue.ts";
import { hasSmtpSource } from "./smtp-source.ts";
import {
  acceptTable,
  clientTable,
  deliverTable,
  hostileTable,
  imapTable,
  joinTable,
  matrixTable,
  queueTable,
} from "./table.ts";

/** What a command was asked for. */
export interface Asked {
  readonly messages: number;
  readonly connections: readonly number[];
  readonly rounds: number;
  /** Another checkout to compare with. */
  readonly against?: string | undefined;
}

/** What it measured: the raw figures, the table, and sentences about both. */
export interface Measured {
  readonly raw: object;
  readonly table: string;
  readonly notes: readonly string[];
}

/** One thing that can be measured. */
interface BenchCommand {
  /** Its options with their defaults, and what it measures. */
  readonly options: string;
  readonly about: string;
  readonly defaults: Asked;
  /** Why it can't be measured here, if it can't. */
  readonly missing: () => Promise<string | undefined>;
  readonly measure: (asked: Asked, tell: (step: string) => void) => Promise<Measured>;
}

/** All of them, by name. */
export const COMMANDS: Readonly<Record<string, BenchCommand>> = {
  accept: {
    options: "[--messages 4000] [--connections 1,10,50] [--rounds 3]",
    about: "how fast SCoP, Postfix and smtp-server accept messages of 10 KB, taking turns in one run",
    defaults: { messages: 4_000, connections: [1, 10, 50], rounds: 3 },
    missing: withoutPostfixTools,
    async measure(asked, tell) {
      const raw = await measureAccept(asked, tell);
      const notes = [medianOf(asked), ...raw.checks, ...left(raw)];
      return { raw, table: acceptTable(raw.runs, raw.syncs), notes };
    },
  },
  deliver: {
    options: "[--messages 20000] [--connections 10] [--rounds 3]",
    about: "how fast SCoP and Postfix deliver messages of 10 KB from their queues to smtp-sink",
    defaults: { messages: 20_000, connections: [10], rounds: 3 },
    missing: withoutPostfixTools,
    async measure(asked, tell) {
      const raw = await measureDeliver({ ...asked, connections: asked.connections[0]! }, tell);
      return { raw, table: deliverTable(raw.runs), notes: [medianOf(asked), ...left(raw)] };
    },
  },
  client: {
    options: "[--messages 10000] [--connections 1,10] [--rounds 3]",
    about: "what it costs SCoP's sender and nodemailer to send messages of 10 KB to smtp-sink",
    defaults: { messages: 10_000, connections: [1, 10], rounds: 3 },
    missing: withoutPostfixTools,
    async measure(asked, tell) {
      const raw = await measureClient(asked, tell);
      return { raw, table: clientTable(raw.runs), notes: [medianOf(asked), ...left(raw)] };
    },
  },
  queue: {
    options: "[--messages 100000]",
    about: "a queue for 1,000 destinations, half of them dead, and a restart with it",
    defaults: { messages: 100_000, connections: [], rounds: 3 },
    missing: withoutPostfixTools,
    async measure({ messages, rounds }, tell) {
      const raw = await measureQueue({ messages, restarts: rounds }, tell);
      return { raw, table: queueTable(raw), notes: left(raw) };
    },
  },
  imap: {
    options: "[--messages 100000] [--rounds 5]",
    about: "what it costs SCoP and Dovecot to open a large mailbox and to tell all its flags",
    defaults: { messages: 100_000, connections: [], rounds: 5 },
    missing: async () => undefined,
    async measure(asked, tell) {
      const raw = await measureImap(asked, tell);
      const scope = `Median of ${asked.rounds} rounds of 5 sessions each, ${asked.messages} messages.`;
      return { raw, table: imapTable(raw.runs, raw.memory), notes: [scope, ...left(raw)] };
    },
  },
  hostile: {
    options: "[--messages 300] [--connections 5000,500,1000]",
    about: "a normal client beside connections that are idle, slow, and idle with TLS; and what these cost in memory",
    defaults: { messages: 300, connections: [5_000, 500, 1_000], rounds: 1 },
    missing: async () => undefined,
    async measure({ messages, connections }, tell) {
      const [idle = 0, slow = 0, tls = 0] = connections;
      const raw = await measureHostile({ idle, slow, tls, messages }, tell);
      return { raw, table: hostileTable(raw), notes: [] };
    },
  },
  matrix: {
    options: "[--messages 1000] [--connections 100] [--rounds 3]",
    about:
      "what it costs SCoP and Synapse on PostgreSQL to take messages into a room, and to tell as many users as connections",
    defaults: { messages: 1_000, connections: [100], rounds: 3 },
    missing: async () => undefined,
    async measure({ messages, connections, rounds }, tell) {
      const raw = await measureMatrix({ messages, users: connections[0]!, rounds }, tell);
      const scope = `Median of ${rounds} rounds; ${connections[0]} users in one room of version 12.`;
      return { raw, table: matrixTable(raw.runs, raw.memory), notes: [scope, ...left(raw)] };
    },
  },
  join: {
    options: "[--messages 30000] [--connections 10000]",
    about:
      "what it costs SCoP and Synapse on PostgreSQL to join a room with so many events and members of a third server",
    defaults: { messages: 30_000, connections: [10_000], rounds: 1 },
    missing: async () => undefined,
    async measure({ messages, connections }, tell) {
      const members = connections[0]!;
      const raw = await measureJoin({ members, events: messages }, tell);
      const scope = `One user of each joins; ${members} members and ${messages} events, room version 12.`;
      return { raw, table: joinTable(raw.runs), notes: [scope, ...left(raw)] };
    },
  },
  auth: {
    options: "[--rounds 5] [--against CHECKOUT]",
    about: "how fast SCoP and other libraries verify DKIM signatures, beside node:crypto alone",
    defaults: { messages: 1, connections: [], rounds: 5 },
    missing: async () => undefined,
    async measure({ rounds, against }, tell) {
      const raw = await measureAuth(rounds, against, tell);
      return { raw, table: authTable(raw), notes: [`Median of ${rounds} rounds.`, ...left(raw)] };
    },
  },
  mime: {
    options: "[--rounds 5]",
    about: "how fast SCoP and other libraries parse messages, and compose them",
    defaults: { messages: 1, connections: [], rounds: 5 },
    missing: async () =>
      existsSync(suiteFolder()) ? undefined : "the messages of the suite `eml` are not there (SCOP_SUITES)",
    async measure({ rounds }, tell) {
      const raw = await measureMime(rounds, tell);
      const scope = `Median of ${rounds} rounds; small are ${raw.smallMessages} messages of 2,000 to 20,000 octets.`;
      return { raw, table: mimeTable(raw), notes: [scope, ...left(raw)] };
    },
  },
};

async function withoutPostfixTools(): Promise<string | undefined> {
  const isThere = await hasSmtpSource();
  return isThere ? undefined : "smtp-source and smtp-sink are not installed (Debian package postfix)";
}

function medianOf({ rounds, messages }: Asked): string {
  return `Median of ${rounds} rounds of ${messages} messages each.`;
}

function left(result: { readonly skipped: readonly string[] }): readonly string[] {
  return result.skipped.map(reason => `Not measured: ${reason}.`);
}
