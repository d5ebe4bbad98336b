import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backend } from "@scop/imap";
import fc from "fast-check";
import { ALICE, append, BOB, message, openWorld, value, type World } from "./world.ts";

/** A few names, so that commands meet. */
const name = fc.constantFrom("INBOX", "Sent", "a", "a/b", "c");
const set = fc.constantFrom("1", "2", "1:*", "2:3", "*");
const octets = fc.constantFrom(0, 40, 300_000);
const command = fc.oneof(
  name.map(box => `SELECT ${box}`),
  name.map(box => `CREATE ${box}`),
  name.map(box => `DELETE ${box}`),
  name.map(box => `SUBSCRIBE ${box}`),
  name.map(box => `STATUS ${box} (MESSAGES UNSEEN UIDNEXT)`),
  fc.tuple(name, name).map(([from, to]) => `RENAME ${from} ${to}`),
  fc.tuple(set, name).map(([messages, box]) => `COPY ${messages} ${box}`),
  fc.tuple(set, name).map(([messages, box]) => `MOVE ${messages} ${box}`),
  set.map(messages => `STORE ${messages} +FLAGS (\\Deleted)`),
  set.map(messages => `FETCH ${messages} (UID FLAGS BODY.PEEK[])`),
  fc.constantFrom('LIST "" *', 'LSUB "" *', "EXPUNGE", "NOOP"),
);
const action = fc.record({
  by: fc.constantFrom(ALICE, BOB),
  does: fc.oneof(command, fc.record({ name, octets })),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** All that each client is told while these commands run. UIDVALIDITY is the one number that all accounts share. */
async function told(actions: readonly Action[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const w = await openWorld();
  try {
    // Both are there before the first command, or the world may close while one still logs in.
    const clients = new Map([
      [ALICE, await w.client(ALICE)],
      [BOB, await w.client(BOB)],
    ]);
    const heard = new Map<string, string[]>([ALICE, BOB].map(address => [address, []]));
    for (const { by, does } of actions) {
      const client = clients.get(by)!;
      const sent = typeof does === "string" ? does : message(by, does.octets);
      const answer = typeof does === "string" ? await client.run(does) : await client.append(does.name, sent);
      heard.get(by)!.push(answer.replace(/\b1767\d{6}\b/g, "UIDVALIDITY"));
    }
    assert.deepEqual(w.sim.logged, []);
    return heard;
  } finally {
    await w.close();
  }
}

test("a session is told the same whatever the other account does", async () => {
  const property = fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40 }), async actions => {
    const together = await told(actions);
    for (const [listener, other] of [
      [ALICE, BOB],
      [BOB, ALICE],
    ] as const) {
      const alone = await told(actions.filter(({ by }) => by === listener));
      assert.deepEqual(together.get(listener), alone.get(listener));
      assert.ok(together.get(listener)!.every(answer => !answer.includes(other)));
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

const work = fc.constantFrom("append", "large", "copy", "move", "flag", "unflag", "delete", "expunge");
type Work = typeof work extends fc.Arbitrary<infer T> ? T : never;

/** One of several sessions of one account: what it saw and what it was promised. */
interface Worker {
  readonly backend: Backend;
  readonly does: readonly Work[];
  /** UIDs in the order in which this session was given them, by mailbox. */
  readonly given: Map<number, number[]>;
  /** What it holds of INBOX, kept up by `changes`. */
  readonly view: Map<number, number>;
  modseq: number;
}

/** Brings a view up to date; fails where a number falls. */
async function follow(worker: Worker, mailbox: number): Promise<void> {
  const { modseq, entries, expunged } = value(await worker.backend.changes(mailbox, worker.modseq));
  assert.ok(modseq >= worker.modseq, "the highest mod-sequence never falls");
  for (const { uid, modseq: own } of entries) {
    assert.ok(own > worker.modseq && own > (worker.view.get(uid) ?? 0), "a message that changed has a larger one");
    worker.view.set(uid, own);
  }
  for (const uid of expunged) worker.view.delete(uid);
  worker.modseq = modseq;
}

async function act({ backend, given }: Worker, what: Work, inbox: number, sent: number): Promise<void> {
  const give = (mailbox: number, ...uids: readonly number[]): void =>
    void given.set(mailbox, [...(given.get(mailbox) ?? []), ...uids]);
  const uids = value(await backend.entries(inbox)).map(({ uid }) => uid);
  const some = uids.filter((_, index) => index % 3 === 0);
  switch (what) {
    case "append":
    case "large": {
      const uid = await append(backend, "INBOX", message(what, what === "large" ? 270_000 : 0));
      assert.ok(typeof uid === "number");
      return give(inbox, uid);
    }
    case "copy":
      return give(inbox, ...value(await backend.copy(inbox, some, "INBOX")).pairs.map(({ to }) => to));
    case "move":
      return give(sent, ...value(await backend.move(inbox, some, "Sent")).pairs.map(({ to }) => to));
    case "expunge":
      return void value(await backend.expunge(inbox, some));
    default: {
      const flags = [what === "delete" ? "\\Deleted" : "\\Seen"];
      value(
        await backend.store(inbox, some, {
          mode: what === "unflag" ? "remove" : "add",
          flags,
          unchangedSince: undefined,
        }),
      );
    }
  }
}

async function runWorkers(w: World, scripts: readonly (readonly Work[])[]): Promise<void> {
  const [inbox, sent] = [value(await w.backend.mailbox("INBOX")).key, value(await w.backend.mailbox("Sent")).key];
  const workers = await Promise.all(
    scripts.map(async (does): Promise<Worker> => {
      const backend = await w.mailstore.openBackend(ALICE);
      return { backend, does, given: new Map(), view: new Map(), modseq: 0 };
    }),
  );
  const run = async (worker: Worker): Promise<void> => {
    for (const what of worker.does) {
      await act(worker, what, inbox, sent);
      await follow(worker, inbox);
    }
  };
  await Promise.all(workers.map(run));
  const entries = value(await w.backend.entries(inbox));
  for (const worker of workers) {
    await follow(worker, inbox);
    const view = [...worker.view].toSorted(([one], [other]) => one - other);
    assert.deepEqual(
      view,
      entries.map(({ uid, modseq }) => [uid, modseq]),
      "who follows the changes has what is there",
    );
    for (const uids of worker.given.values())
      assert.ok(
        uids.every((uid, index) => index === 0 || uid > uids[index - 1]!),
        "UIDs rise",
      );
  }
  for (const mailbox of [inbox, sent]) {
    const given = workers.flatMap(worker => worker.given.get(mailbox) ?? []);
    assert.equal(new Set(given).size, given.length, "a UID is given once");
    const { uidNext } = value(await w.backend.mailbox(mailbox === inbox ? "INBOX" : "Sent"));
    assert.equal(uidNext - 1, given.length, "and none is left out");
  }
  const { highestModseq } = value(await w.backend.mailbox("INBOX"));
  assert.ok(entries.every(({ modseq }) => modseq <= highestModseq));
}

test("UIDs and mod-sequences rise across sessions that work at the same time, and all see the same", async () => {
  const scripts = fc.array(fc.array(work, { minLength: 3, maxLength: 12 }), { minLength: 2, maxLength: 5 });
  const property = fc.asyncProperty(scripts, async each => {
    const w = await openWorld();
    try {
      await runWorkers(w, each);
      assert.deepEqual(w.sim.logged, []);
    } finally {
      await w.close();
    }
  });
  await fc.assert(property, { numRuns: 25 });
});
