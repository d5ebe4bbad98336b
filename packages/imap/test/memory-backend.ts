import type { Answer, Answers, AppendSink, Backend, Outcome, Question } from "../src/index.ts";
import type { Memory } from "./memory.ts";

/** The mailboxes of a `Memory` as a backend; `broken` are questions whose promises are rejected. */
export function memoryBackend(memory: Memory, broken: ReadonlySet<Question["ask"]>): Backend {
  async function ask<K extends keyof Answers>(question: Question & { readonly ask: K }): Promise<Outcome<Answers[K]>> {
    if (broken.has(question.ask)) throw new Error("the disk is gone");
    const answer: Answer = memory.answer(question);
    return answer.outcome as Outcome<Answers[K]>;
  }
  return {
    mailboxes: () => ask({ ask: "mailboxes" }),
    mailbox: name => ask({ ask: "mailbox", name }),
    quota: () => ask({ ask: "quota" }),
    subscriptions: () => ask({ ask: "subscriptions" }),
    create: (name, uses) => ask({ ask: "create", name, uses }),
    remove: name => ask({ ask: "remove", name }),
    rename: (from, to) => ask({ ask: "rename", from, to }),
    subscribe: (name, subscribed) => ask({ ask: "subscribe", name, subscribed }),
    entries: mailbox => ask({ ask: "entries", mailbox }),
    changes: (mailbox, since) => ask({ ask: "changes", mailbox, since }),
    threads: entries => ask({ ask: "threads", entries }),
    read: (mailbox, entry, start, end) => ask({ ask: "read", mailbox, entry, start, end }),
    textCandidates: (mailbox, texts) => ask({ ask: "text-candidates", mailbox, texts }),
    indexTexts: texts => ask({ ask: "index-texts", texts }),
    vanished: (mailbox, since) => ask({ ask: "vanished", mailbox, since }),
    store: (mailbox, uids, wanted) => ask({ ask: "store", mailbox, uids, ...wanted }),
    copy: (mailbox, uids, to) => ask({ ask: "copy", mailbox, uids, to }),
    move: (mailbox, uids, to) => ask({ ask: "move", mailbox, uids, to }),
    expunge: (mailbox, uids) => ask({ ask: "expunge", mailbox, uids }),
    entry: async (mailbox, uid) => {
      const entry = memory.boxes.find(({ key }) => key === mailbox)?.entries.find(one => one.uid === uid);
      return entry === undefined ? { ok: false, failure: "missing" } : { ok: true, value: entry };
    },
    append: async name => {
      const opened = await ask({ ask: "append", name });
      if (!opened.ok) return opened;
      const value: AppendSink = {
        begin: async message => {
          const begun = await ask({ ask: "append-message", ...message });
          return begun.ok ? undefined : begun.failure;
        },
        write: async bytes => void memory.append(bytes),
        finish: () => ask({ ask: "append-end" }),
        abort: async () => memory.abort(),
      };
      return { ok: true, value };
    },
    watch: () => () => undefined,
    watchAll: () => () => undefined,
    close: () => undefined,
  };
}
