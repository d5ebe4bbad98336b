import type { BlobId } from "../ids.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, put, settle } from "./tools.ts";

/** Texts that can be found, so that searches need not read every message. */
export function textContract({ test, open, reopen, equal }: ContractHarness): void {
  const texts = ["HELLO WORLD", 'A "QUOTE" AND A \0 NUL', "AE\u0301 \u{1F600}\u{1F600}\u{1F600}", "", undefined];
  const wanted: readonly (readonly [text: string, uids: readonly number[]])[] = [
    ["HELLO", [1, 5]],
    ["O WOR", [1, 5]],
    ["hello", [5]],
    ['"QUOTE"', [2, 5]],
    ["E\u0301 \u{1F600}", [3, 5]],
    ["\u{1F600}\u{1F600}\u{1F600}", [3, 5]],
    ["QUOTE OR HELLO", [5]],
    // Too short to exclude anything.
    ["AE", [1, 2, 3, 4, 5]],
    ["", [1, 2, 3, 4, 5]],
    ["X".repeat(1000), [5]],
  ];

  async function filled(): Promise<{ store: Store; inbox: Awaited<ReturnType<typeof settle>>["inbox"] }> {
    const store = await open();
    const { inbox } = await settle(store);
    for (let uid = 1; uid <= 6; uid += 1) await put(store, inbox);
    const entries = await store.entries(inbox);
    await apply(store, {
      change: "index-texts",
      texts: texts.map((text, index) => ({ blob: entries[index]!.blob, text })),
    });
    return { store, inbox };
  }

  test("texts are found by every part of them, and what is not indexed is named", async () => {
    const { store, inbox } = await filled();
    const again = await reopen(store);
    const found = await again.textCandidates(
      inbox,
      wanted.map(([text]) => text),
    );
    equal(found.unindexed, [6], "what is not indexed");
    for (const [index, [text, uids]] of wanted.entries()) equal(found.possible[index], uids, JSON.stringify(text));
    await again.close();
  });

  test("a text that is indexed stays, and one of a message that is gone is no error", async () => {
    const { store, inbox } = await filled();
    const [first] = await store.entries(inbox);
    const again = [
      { blob: first!.blob, text: "OTHER" },
      { blob: 999_999 as BlobId, text: "GONE" },
    ];
    await apply(store, { change: "index-texts", texts: again });
    equal((await store.textCandidates(inbox, ["OTHER", "HELLO", "GONE"])).possible, [[5], [1, 5], [5]], "as before");
    await store.close();
  });

  test("a text goes with its message", async () => {
    const { store, inbox } = await filled();
    await apply(store, { change: "set-flags", mailbox: inbox, uids: [1, 5], mode: "add", flags: ["\\Deleted"] });
    await apply(store, { change: "expunge", mailbox: inbox });
    equal(await store.textCandidates(inbox, ["HELLO"]), { unindexed: [6], possible: [[]] }, "nothing is left of it");
    await store.close();
  });
}
