import type { Platform } from "@scop/platform";
import { assert, unreachable } from "@scop/wire";
import type { Appended, AppendMessage, AppendSink, Backend, BackendFailure, Outcome } from "./backend.ts";
import { appendUrl } from "./extensions/catenate.ts";
import type { Answer, Question } from "./session.ts";

/** Gives the questions of one session to its backend, and never lets go of what it opened. */
export class Provider {
  readonly #io: Pick<Platform, "clock" | "log">;
  readonly #openBackend: (identity: string) => Promise<Backend>;
  readonly #onChanged: (what: "changed" | "account-changed") => void;
  #backend: Backend | undefined;
  #sink: AppendSink | undefined;
  #sinkFailure: BackendFailure | undefined;
  #unwatch: () => void = () => undefined;
  #unwatchAll: () => void = () => undefined;

  constructor(
    io: Pick<Platform, "clock" | "log">,
    openBackend: (identity: string) => Promise<Backend>,
    onChanged: (what: "changed" | "account-changed") => void,
  ) {
    this.#io = io;
    this.#openBackend = openBackend;
    this.#onChanged = onChanged;
  }

  /** Ends all that is open. */
  release(): void {
    this.#unwatch();
    this.#unwatchAll();
    void this.abortAppend();
    this.#backend?.close();
    this.#backend = undefined;
  }

  /** The answer to a question; never rejects. */
  async answer(question: Question): Promise<Answer> {
    try {
      return await this.#ask(question);
    } catch (error) {
      this.#io.log.write("error", "a question about mailboxes failed", {
        question: question.ask,
        error: String(error),
      });
      const outcome = { ok: false, failure: "unavailable" } as const;
      return { on: "answer", ask: question.ask, outcome } as Answer;
    }
  }

  #ask(question: Question): Promise<Answer> {
    switch (question.ask) {
      case "open":
        return this.#open(question.identity);
      case "time": {
        const outcome = { ok: true, value: this.#io.clock.now() } as const;
        return Promise.resolve({ on: "answer", ask: question.ask, outcome });
      }
      case "append":
      case "append-message":
      case "append-url":
      case "append-end":
      case "read":
      case "threads":
      case "store":
      case "copy":
      case "move":
      case "expunge":
        return this.#askMessages(question);
      default:
        return this.#askMailboxes(question);
    }
  }

  async #open(identity: string): Promise<Answer> {
    this.#backend = await this.#openBackend(identity);
    return { on: "answer", ask: "open", outcome: { ok: true, value: undefined } };
  }

  get #opened(): Backend {
    assert(this.#backend !== undefined, "nothing is asked before a login");
    return this.#backend;
  }

  async #askMailboxes(question: MailboxQuestion): Promise<Answer> {
    const backend = this.#opened;
    const on = "answer";
    switch (question.ask) {
      case "mailboxes":
        return { on, ask: question.ask, outcome: await backend.mailboxes() };
      case "mailbox":
        return { on, ask: question.ask, outcome: await backend.mailbox(question.name) };
      case "quota":
        return { on, ask: question.ask, outcome: await backend.quota() };
      case "subscriptions":
        return { on, ask: question.ask, outcome: await backend.subscriptions() };
      case "create":
        return { on, ask: question.ask, outcome: await backend.create(question.name, question.uses) };
      case "remove":
        return { on, ask: question.ask, outcome: await backend.remove(question.name) };
      case "rename":
        return { on, ask: question.ask, outcome: await backend.rename(question.from, question.to) };
      case "subscribe":
        return { on, ask: question.ask, outcome: await backend.subscribe(question.name, question.subscribed) };
      case "entries":
        return { on, ask: question.ask, outcome: await backend.entries(question.mailbox) };
      case "changes":
        return { on, ask: question.ask, outcome: await backend.changes(question.mailbox, question.since) };
      case "text-candidates":
        return { on, ask: question.ask, outcome: await backend.textCandidates(question.mailbox, question.texts) };
      case "index-texts":
        return { on, ask: question.ask, outcome: await backend.indexTexts(question.texts) };
      case "vanished":
        return { on, ask: question.ask, outcome: await backend.vanished(question.mailbox, question.since) };
      default:
        return unreachable(question);
    }
  }

  async #askMessages(question: MessageQuestion): Promise<Answer> {
    const backend = this.#opened;
    const on = "answer";
    switch (question.ask) {
      case "threads":
        return { on, ask: question.ask, outcome: await backend.threads(question.entries) };
      case "read": {
        const { mailbox, entry, start, end } = question;
        return { on, ask: question.ask, outcome: await backend.read(mailbox, entry, start, end) };
      }
      case "store":
        return { on, ask: question.ask, outcome: await backend.store(question.mailbox, question.uids, question) };
      case "copy":
        return { on, ask: question.ask, outcome: await backend.copy(question.mailbox, question.uids, question.to) };
      case "move":
        return { on, ask: question.ask, outcome: await backend.move(question.mailbox, question.uids, question.to) };
      case "expunge":
        return { on, ask: question.ask, outcome: await backend.expunge(question.mailbox, question.uids) };
      case "append":
        return { on, ask: question.ask, outcome: await this.#beginAppend(question.name) };
      case "append-message":
        return { on, ask: question.ask, outcome: await this.#beginMessage(question) };
      case "append-url": {
        const { url, octetsMax } = question;
        return { on, ask: question.ask, outcome: await appendUrl(backend, this.#openSink, url, octetsMax) };
      }
      case "append-end":
        return { on, ask: question.ask, outcome: await this.#endAppend() };
      default:
        return unreachable(question);
    }
  }

  async #beginAppend(name: string): Promise<Outcome<undefined>> {
    const opened = await this.#opened.append(name);
    if (!opened.ok) return opened;
    this.#sink = opened.value;
    this.#sinkFailure = undefined;
    return { ok: true, value: undefined };
  }

  async #beginMessage(message: AppendMessage): Promise<Outcome<undefined>> {
    // What went wrong with the message before is told at its end.
    this.#sinkFailure ??= await this.#openSink.begin(message);
    return this.#sinkFailure === undefined ? { ok: true, value: undefined } : { ok: false, failure: this.#sinkFailure };
  }

  get #openSink(): AppendSink {
    assert(this.#sink !== undefined, "an APPEND goes on after it began");
    return this.#sink;
  }

  /** Hands octets on. After a failure the rest of the message is dropped, and the failure is told at its end. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#sink === undefined || this.#sinkFailure !== undefined) return;
    try {
      this.#sinkFailure = await this.#sink.write(bytes);
    } catch (error) {
      this.#io.log.write("error", "a message could not be taken", { error: String(error) });
      this.#sinkFailure = "unavailable";
    }
  }

  async #endAppend(): Promise<Outcome<Appended>> {
    const sink = this.#openSink;
    if (this.#sinkFailure !== undefined) {
      await this.abortAppend();
      return { ok: false, failure: this.#sinkFailure };
    }
    this.#sink = undefined;
    return sink.finish();
  }

  /** The message will not come. */
  async abortAppend(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    await sink?.abort().catch(error => {
      this.#io.log.write("warn", "a message could not be discarded", { error: String(error) });
    });
  }

  /** Reports changes of this mailbox and of no other. */
  watch(mailbox: number | undefined): void {
    this.#unwatch();
    this.#unwatch =
      mailbox === undefined ? () => undefined : this.#opened.watch(mailbox, () => this.#onChanged("changed"));
  }

  /** Reports changes of anything in the account, or no more. */
  watchAll(watch: "yes" | "no"): void {
    this.#unwatchAll();
    this.#unwatchAll =
      watch === "no" ? () => undefined : this.#opened.watchAll(() => this.#onChanged("account-changed"));
  }
}

type MessageQuestion = Extract<
  Question,
  | { ask: "read" }
  | { ask: "threads" }
  | { ask: "store" }
  | { ask: "copy" | "move" }
  | { ask: "expunge" }
  | { ask: "append" | "append-message" | "append-url" }
  | { ask: "append-end" }
>;
type MailboxQuestion = Exclude<Question, MessageQuestion | { ask: "open" | "time" }>;
