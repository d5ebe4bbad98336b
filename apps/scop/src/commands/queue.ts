import type { QueueId, QueueRecord, QueueState, Store } from "@scop/store";
import type { Command } from "commander";
import { Fault, UsageError } from "../fault.ts";
import { instantText, table } from "../output.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";

/** Items that one listing shows, unless asked for more. */
const LIST_MAX = 100;
/** Items that `all` takes in hand in one go. */
const ALL_MAX = 10_000;

type Action = "hold" | "retry" | "drop";

const DONE: Record<Action, string> = {
  hold: "held; npx scop queue retry lets it go",
  retry: "tried again now",
  drop: "dropped, and nobody is told",
};

/** What a message asks of its way. RFC 8689 */
const TLS_TEXTS: Record<QueueRecord["tls"], string> = {
  usual: "as its destination asks",
  required: "required: the message says so (REQUIRETLS)",
  optional: "better in the clear than not at all: the message says so (TLS-Required: No)",
};

/** `scop queue list|show|retry|hold|drop` */
export function addQueueCommand(program: Command): void {
  const queue = program.command("queue").description("mail on its way to other servers");
  withStoreOptions(queue.command("list").description("show what waits"))
    .option("--state <state>", "only ready, leased or held")
    .option("--limit <count>", `at most so many (default: ${LIST_MAX})`)
    .addHelpText("after", example("npx scop queue list", "npx scop queue list --state held --json"))
    .action((flags: StoreFlags & { readonly state?: string; readonly limit?: string }) =>
      withStore(flags, async (store, output) => {
        const limit = flags.limit === undefined ? LIST_MAX : countOf(flags.limit);
        const items = await store.queue({
          limit,
          ...(flags.state === undefined ? {} : { state: stateOf(flags.state) }),
        });
        output.result({ counts: await store.queueCounts(), items }, ({ counts }) => listing(items, counts));
      }),
    );
  withStoreOptions(queue.command("show <id>").description("show one"))
    .addHelpText("after", example("npx scop queue show 42"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const item = await itemOf(store, text);
        output.result(item, shown =>
          Object.entries(readable(shown))
            .map(([key, value]) => `${key.padEnd(12)} ${value}`)
            .join("\n"),
        );
      }),
    );
  addControl(queue, "retry", "try it now, held or not");
  addControl(queue, "hold", "keep it until it is retried");
  addControl(queue, "drop", "forget it; nobody is told");
}

function addControl(queue: Command, action: Action, description: string): void {
  withStoreOptions(queue.command(`${action} <ids...>`).description(`${description}; all takes every item`))
    .addHelpText("after", example(`npx scop queue ${action} 42`, `npx scop queue ${action} all`))
    .action((ids: readonly string[], flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const all = ids.length === 1 && ids[0] === "all";
        const items = all
          ? (await store.queue({ limit: ALL_MAX })).filter(item => item.state !== "leased")
          : await Promise.all(ids.map(id => itemOf(store, id)));
        for (const item of items) {
          const done = await store.transaction({
            changes: [{ change: "control", item: item.id, action, now: Date.now() }],
          });
          if (!done.ok && done.refusal === "in-use")
            throw new Fault(`${item.id} is being delivered right now; try again in a moment`);
          if (!done.ok) throw new Fault(`${item.id} has left the queue meanwhile`);
          output.line(`${item.id} (${item.recipient}): ${DONE[action]}`);
        }
        output.result({ action, items: items.map(item => item.id) }, () =>
          items.length === 0 ? "Nothing to do." : "",
        );
      }),
    );
}

async function itemOf(store: Store, text: string): Promise<QueueRecord> {
  const item = await store.queueItem(countOf(text) as QueueId);
  if (!item)
    throw new Fault(
      `there is no item ${text} in the queue; it was delivered, returned or dropped. See npx scop queue list`,
    );
  return item;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${text} is not a number as npx scop queue list shows it`);
  return Number(text);
}

function stateOf(text: string): QueueState {
  if (text === "ready" || text === "leased" || text === "held") return text;
  throw new UsageError(`--state ${text}: one of ready, leased, held`);
}

function listing(items: readonly QueueRecord[], counts: Readonly<Record<QueueState, number>>): string {
  if (items.length === 0) return "The queue is empty.";
  const rows = items.map(item => [
    String(item.id),
    item.state,
    item.reversePath === "" ? "<>" : item.reversePath,
    item.recipient,
    String(item.attempts),
    instantText(item.due),
    item.lastReply,
  ]);
  const total = `${counts.ready} ready, ${counts.leased} being delivered, ${counts.held} held`;
  return `${table(["id", "state", "from", "to", "tries", "next", "last answer"], rows)}\n${total}`;
}

function readable(item: QueueRecord): Record<string, string> {
  return {
    id: String(item.id),
    state: item.state,
    from: item.reversePath === "" ? "<>" : item.reversePath,
    to: item.recipient,
    destination: item.destination,
    octets: String(item.size - item.blobOffset),
    TLS: TLS_TEXTS[item.tls],
    tries: String(item.attempts),
    created: instantText(item.created),
    next: instantText(item.due),
    "given up": instantText(item.expires),
    "last answer": item.lastReply === "" ? "none yet" : item.lastReply,
  };
}
