// What the adapters in JavaScript have in common: lines of JSON in and out, and the zone of a case as a resolver.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** The version of an installed package. */
export function versionOf(name) {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (found.name === name) return found.version;
    } catch {
      // Not here: the folder above.
    }
    folder = dirname(folder);
  }
}

/** Octets with text around them. */
export function around(before, bytes, after = "") {
  return Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
}

/** Octets as the body of an attachment, which ends before a delimiter and so without a line end of its own. */
function inPart(encoding, bytes) {
  const fields = `Content-Type: application/octet-stream\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: ${encoding}`;
  const head = `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=delimiter\r\n\r\n--delimiter\r\n${fields}\r\n\r\n`;
  return around(head, bytes, "\r\n--delimiter--\r\n");
}

/** The message that a case of one field or one body is about. */
export const WRAPPED = {
  "header.text": bytes => around("Subject: ", bytes, "\r\n\r\n"),
  "header.date": bytes => around("Date: ", bytes, "\r\n\r\n"),
  "header.message-ids": bytes => around("References: ", bytes, "\r\n\r\n"),
  "address.list": bytes => around("To: ", bytes, "\r\n\r\n"),
  "header.filename": bytes =>
    around("Content-Type: application/octet-stream\r\nContent-Disposition: ", bytes, "\r\n\r\nx\r\n"),
  "encoding.base64": bytes => inPart("base64", bytes),
  "encoding.quoted-printable": bytes => inPart("quoted-printable", bytes),
  "charset.decode": (bytes, { charset }) =>
    around(
      `MIME-Version: 1.0\r\nContent-Type: text/plain; charset="${charset}"\r\nContent-Transfer-Encoding: base64\r\n\r\n`,
      Buffer.from(bytes.toString("base64")),
    ),
};

export function accept(value) {
  return { outcome: "accept", value };
}

/** A resolver of the shape of node:dns that knows the zone of a case and nothing else. */
export function resolverOf(zone = {}) {
  const names = new Map(Object.entries(zone).map(([name, value]) => [name.toLowerCase(), value]));
  const fail = code => Object.assign(new Error(code), { code });
  return async (name, type) => {
    const known = names.get(name.toLowerCase().replace(/\.$/, ""));
    if (known === undefined) throw fail("ENOTFOUND");
    if (known === "TIMEOUT" || known[type] === "TIMEOUT") throw fail("ETIMEOUT");
    const records = known[type];
    if (!records?.length) throw fail("ENODATA");
    if (type === "TXT") return records.map(text => [text]);
    return type === "MX" ? records.map(({ preference, exchange }) => ({ priority: preference, exchange })) : records;
  };
}

/** Answers questions until the input ends. What an operation throws is a refusal. */
export async function serve(name, version, operations) {
  const ops = Object.fromEntries(Object.entries(operations).map(([op, { fields }]) => [op, fields]));
  const write = line => process.stdout.write(`${JSON.stringify(line)}\n`);
  write({ hello: { name, version, language: "JavaScript", ops } });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, op, input, params } = JSON.parse(line);
    let answer;
    try {
      answer = await operations[op].run(Buffer.from(input.base64, "base64"), params);
    } catch (error) {
      answer = { outcome: "reject", reason: String(error?.message ?? error).slice(0, 200) };
    }
    write({ id, ...answer });
  }
}
