import type { ThreadMessage, ThreadNode } from "./thread.ts";
import { type Link, linkMessages } from "./thread-links.ts";

interface Node {
  readonly message: ThreadMessage | undefined;
  children: Node[];
}

/** REFERENCES, the steps of RFC 5256 3. */
export function threadByReferences(messages: readonly ThreadMessage[]): readonly ThreadNode[] {
  const roots = mergeSubjects(prune(linkMessages(messages)));
  for (const root of roots) {
    // What step 5 put together is at most two levels deep.
    if (root.message === undefined) for (const child of root.children) child.children.sort(bySent);
    root.children.sort(bySent);
  }
  return roots.sort(bySent);
}

/** When a message was sent; where it is missing, its first child. */
function sentOf({ message, children }: Node): ThreadMessage {
  return message ?? children[0]!.message!;
}

function bySent(one: Node, other: Node): number {
  const a = sentOf(one);
  const b = sentOf(other);
  return a.sent - b.sent || a.place - b.place;
}

/**
 * Steps 2 to 4, and step 6 for all below the roots: messages that are missing give their children to their place, at the top only where
 * they have one child. Children come before their parents, so that nothing recurses.
 */
function prune(links: readonly Link[]): Node[] {
  const nodes = new Map<Link, Node>();
  for (const link of childrenFirst(links)) {
    const children = [...link.children].flatMap(child => {
      const node = nodes.get(child)!;
      return node.message === undefined ? node.children : [node];
    });
    nodes.set(link, { message: link.message, children: children.sort(bySent) });
  }
  const roots: Node[] = [];
  for (const link of links) {
    if (link.parent !== undefined) continue;
    const node = nodes.get(link)!;
    if (node.message !== undefined || node.children.length > 1) roots.push(node);
    else if (node.children.length === 1) roots.push(node.children[0]!);
  }
  return roots.sort(bySent);
}

function childrenFirst(links: readonly Link[]): readonly Link[] {
  const order: Link[] = [];
  const pending = links.filter(link => link.parent === undefined);
  for (let link = pending.pop(); link !== undefined; link = pending.pop()) {
    order.push(link);
    for (const child of link.children) pending.push(child);
  }
  return order.reverse();
}

/** Step 5: threads of one subject become one. */
function mergeSubjects(roots: readonly Node[]): Node[] {
  const table = new Map<string, Node>();
  for (const root of roots) {
    const { text } = sentOf(root).subject;
    const known = text === "" ? undefined : table.get(text);
    if (text !== "" && (known === undefined || isBetter(root, known))) table.set(text, root);
  }
  const merged = new Set<Node>();
  for (const root of roots) {
    const { text } = sentOf(root).subject;
    const known = table.get(text);
    if (known === undefined || known === root) merged.add(root);
    else mergeInto(table, merged, known, root);
  }
  return [...merged];
}

/** Step 5 B: a missing message, or one that is no answer, stands for its subject. */
function isBetter(root: Node, known: Node): boolean {
  if (known.message === undefined) return false;
  return root.message === undefined || (isAnswer(known.message) && !isAnswer(root.message));
}

function isAnswer({ subject }: ThreadMessage): boolean {
  return subject.kind === "follow-up";
}

/** Step 5 C */
function mergeInto(table: Map<string, Node>, merged: Set<Node>, known: Node, root: Node): void {
  if (known.message === undefined) {
    if (root.message === undefined) known.children = known.children.concat(root.children);
    else known.children.push(root);
    return;
  }
  if (root.message !== undefined && isAnswer(root.message) && !isAnswer(known.message)) {
    known.children.push(root);
    return;
  }
  const both: Node = { message: undefined, children: [known, root] };
  merged.delete(known);
  merged.add(both);
  table.set(known.message.subject.text, both);
}
