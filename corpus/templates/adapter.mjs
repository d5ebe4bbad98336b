// An adapter in JavaScript: node adapter.mjs. Replace parseDate by what you test.
import { createInterface } from "node:readline";

const parseDate = text => {
  const found = Date.parse(text);
  if (Number.isNaN(found)) throw new Error("no date");
  return { epoch: found / 1000 };
};

const operations = { "header.date": { fields: ["epoch"], run: parseDate } };

const write = line => process.stdout.write(`${JSON.stringify(line)}\n`);
const ops = Object.fromEntries(Object.entries(operations).map(([op, { fields }]) => [op, fields]));
write({ hello: { name: "template-js", version: "1", language: "JavaScript", ops } });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, input } = JSON.parse(line);
  const text = Buffer.from(input.base64, "base64").toString("utf8");
  try {
    write({ id, outcome: "accept", value: operations[op].run(text) });
  } catch (error) {
    write({ id, outcome: "reject", reason: error.message });
  }
}
