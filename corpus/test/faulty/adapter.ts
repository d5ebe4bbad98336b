/** An adapter that misbehaves as its argument says, at the third question; it answers the others. */
import { createInterface } from "node:readline";

const how = process.argv[2];
const write = (line: unknown): void =>
  void process.stdout.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);

if (how === "mute") setInterval(() => undefined, 1000);
else if (how === "dead") process.exit(3);
else if (how === "no-hello") write({ id: "x", outcome: "accept" });
else {
  const ops = { "address.list": ["mailboxes"], "smtp.session": ["transactions"] };
  write({ hello: { name: "faulty", version: "1", language: "TypeScript", ops } });
}
for await (const line of createInterface({ input: process.stdin })) {
  const { id, params } = JSON.parse(line) as {
    readonly id: string;
    readonly params: { readonly chunks?: readonly number[] };
  };
  const isThird = id.startsWith("test.three");
  if (isThird && how === "crash") throw new Error("broken on purpose");
  if (isThird && how === "hang") continue;
  if (isThird && how === "garbage") write("this is no JSON");
  else if (isThird && how === "wrong-id") write({ id: "another", outcome: "accept" });
  else if (isThird && how === "no-outcome") write({ id });
  else if (isThird && how === "wrong-outcome") write({ id, outcome: "perhaps" });
  else write({ id, outcome: "accept", value: { mailboxes: [], transactions: params.chunks?.length ?? 0 } });
}
