import { THREAD_STEPS_MAX } from "../limits.ts";
import type { ThreadMessage } from "./thread.ts";

/** A message, or one that is only named by others, on its way into a thread. */
export interface Link {
  message: ThreadMessage | undefined;
  parent: Link | undefined;
  readonly children: Set<Link>;
  /** Towards one that stands for all that were ever connected with it. */
  group: Link | undefined;
}

/** Links messages by what they answer to: step 1 of REFERENCES, RFC 5256 3. Answers all links in the order in which they came up. */
export function linkMessages(messages: readonly ThreadMessage[]): readonly Link[] {
  const links = new Links();
  for (const message of messages) {
    const own = links.take(message);
    let before: Link | undefined;
    for (const id of message.to) {
      const link = links.named(id);
      // Step 1 A: links that are there are left alone.
      if (before !== undefined && link.parent === undefined) links.join(before, link);
      before = link;
    }
    // Step 1 B: the message itself knows best.
    links.part(own);
    if (before !== undefined) links.join(before, own);
  }
  return links.all;
}

class Links {
  readonly all: Link[] = [];
  readonly #byId = new Map<number, Link>();
  #steps = THREAD_STEPS_MAX;

  /** The link of an identifier. */
  named(id: number): Link {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const link = this.#add();
    this.#byId.set(id, link);
    return link;
  }

  /** The link of a message; a second one of the same identifier is without one. */
  take(message: ThreadMessage): Link {
    const named = message.id === undefined ? undefined : this.named(message.id);
    const link = named === undefined || named.message !== undefined ? this.#add() : named;
    link.message = message;
    return link;
  }

  /** Puts one that has no parent under another, unless it would be above itself. */
  join(parent: Link, child: Link): void {
    if (this.#isAbove(child, parent)) return;
    child.parent = parent;
    parent.children.add(child);
    const group = groupOf(parent);
    const joined = groupOf(child);
    if (joined !== group) joined.group = group;
  }

  part(child: Link): void {
    child.parent?.children.delete(child);
    child.parent = undefined;
  }

  #add(): Link {
    const link: Link = { message: undefined, parent: undefined, children: new Set(), group: undefined };
    this.all.push(link);
    return link;
  }

  /**
   * Whether going up from one leads to the other. Those that were never connected need no look. Where somebody made messages that need
   * too many looks, the answer is yes: they stay apart.
   */
  #isAbove(above: Link, from: Link): boolean {
    if (above !== from && groupOf(above) !== groupOf(from)) return false;
    for (let at: Link | undefined = from; at !== undefined; at = at.parent) {
      if (at === above || this.#steps === 0) return true;
      this.#steps -= 1;
    }
    return false;
  }
}

/** The one that stands for a group; the way to it is shortened. */
function groupOf(link: Link): Link {
  let at = link;
  while (at.group !== undefined) {
    if (at.group.group !== undefined) at.group = at.group.group;
    at = at.group;
  }
  return at;
}
