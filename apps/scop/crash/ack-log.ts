import { existsSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";

/** One message that the server acknowledged for one account. */
export interface Acknowledgement {
  readonly event: "stored";
  readonly id: string;
  readonly account: string;
  readonly sha256: string;
  readonly by: "smtp" | "append" | "submission";
  /** What APPENDUID said. RFC 4315 3 */
  readonly uid?: number;
}

/** One message that was to be removed: before the server is asked, and once it said that it did. */
interface Removal {
  readonly event: "removing" | "removed";
  readonly id: string;
  readonly account: string;
}

/** One message for another domain that the server took responsibility for, and what the next hop does with it. */
export interface Relayed {
  readonly event: "relayed";
  readonly id: string;
  readonly sha256: string;
  readonly fate: "taken" | "refused" | "deferred";
}

/** One line of the log. */
export type LogEntry = Acknowledgement | Removal | Relayed;

/** Whether the server took responsibility for a message with it. */
export function isAcknowledgement({ event }: LogEntry): boolean {
  return event === "stored" || event === "relayed";
}

/** The list of what was acknowledged, on stable storage before anything counts. */
export class AckLog {
  readonly #file: FileHandle;
  #waiting: LogEntry[] = [];
  #flushing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #acknowledged = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<AckLog> {
    return new AckLog(await open(path, "a"));
  }

  /** Acknowledgements on stable storage, of this run. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Resolves when the entries are on stable storage. Those that come while a sync runs share the next one. */
  record(...entries: readonly LogEntry[]): Promise<void> {
    this.#waiting.push(...entries);
    this.#next ??= this.#flushing.then(() => this.#flush());
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#next;
    await this.#flushing;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    this.#flushing = this.#next ?? this.#flushing;
    this.#next = undefined;
    const entries = this.#waiting;
    this.#waiting = [];
    await this.#file.appendFile(entries.map(entry => `${JSON.stringify(entry)}\n`).join(""));
    await this.#file.datasync();
    this.#acknowledged += entries.filter(isAcknowledgement).length;
  }
}

/** What a log says; nothing if there is no log. */
export async function readAckLog(path: string): Promise<readonly LogEntry[]> {
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n").filter(line => line !== "");
  return lines.map(line => JSON.parse(line) as LogEntry);
}
