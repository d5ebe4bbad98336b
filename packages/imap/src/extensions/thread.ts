import type { Writer } from "@scop/wire";
import type { BaseSubject } from "./base-subject.ts";
import { threadByReferences } from "./thread-references.ts";

/** RFC 5256 3 */
export type ThreadAlgorithm = "ORDEREDSUBJECT" | "REFERENCES";

/** What threading has to know of a message. Identifiers are numbers, each for one text. */
export interface ThreadMessage {
  readonly place: number;
  readonly sent: number;
  readonly subject: BaseSubject;
  readonly id: number | undefined;
  /** Those it answers to, the last one the nearest. */
  readonly to: readonly number[];
}

/** A message in its thread, or a place where one is missing, which has at least two children. */
export interface ThreadNode {
  readonly message: ThreadMessage | undefined;
  readonly children: readonly ThreadNode[];
}

/** Puts messages, in the order of the mailbox, into threads. RFC 5256 3 */
export function threadsOf(messages: readonly ThreadMessage[], algorithm: ThreadAlgorithm): readonly ThreadNode[] {
  return algorithm === "REFERENCES" ? threadByReferences(messages) : threadBySubject(messages);
}

/** ORDEREDSUBJECT: the first message of a subject, and under it all others of the same. */
function threadBySubject(messages: readonly ThreadMessage[]): readonly ThreadNode[] {
  const threads = new Map<string, { message: ThreadMessage; children: ThreadNode[] }>();
  for (const message of messages.slice().sort((one, other) => one.sent - other.sent || one.place - other.place)) {
    const root = threads.get(message.subject.text);
    if (root === undefined) threads.set(message.subject.text, { message, children: [] });
    else root.children.push({ message, children: [] });
  }
  return [...threads.values()];
}

/** What is still to be written: a thread in its parentheses, what stands in them, or text. */
type Pending =
  | { readonly write: "list" | "members"; readonly node: ThreadNode }
  | { readonly write: "text"; readonly text: string };

/**
 * `* THREAD (1 2 (3)(4 5))` without its line end; `numberOf` gives what stands for a place. No recursion: what is left to write waits on
 * a stack. RFC 5256 4
 */
export function writeThreads(writer: Writer, roots: readonly ThreadNode[], numberOf: (place: number) => number): void {
  writer.ascii(roots.length > 0 ? "* THREAD " : "* THREAD");
  for (const root of roots) {
    const pending: Pending[] = [{ write: "list", node: root }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.write === "text") writer.ascii(next.text);
      else if (next.write === "members") writeMembers(writer, next.node, numberOf, pending);
      else {
        writer.ascii("(");
        pending.push({ write: "text", text: ")" }, { write: "members", node: next.node });
      }
    }
  }
}

function writeMembers(
  writer: Writer,
  { message, children }: ThreadNode,
  numberOf: (place: number) => number,
  pending: Pending[],
): void {
  if (message !== undefined) writer.ascii(`${numberOf(message.place)}${children.length > 0 ? " " : ""}`);
  const write = children.length === 1 ? "members" : "list";
  for (let index = children.length - 1; index >= 0; index -= 1) pending.push({ write, node: children[index]! });
}
