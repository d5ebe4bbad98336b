import { simpleParser } from "mailparser";
import { accept, serve, versionOf, WRAPPED } from "./protocol.js";

const OPTIONS = { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true };

async function parse(op, bytes, params) {
  return simpleParser(WRAPPED[op] ? WRAPPED[op](bytes, params) : bytes, OPTIONS);
}

/** The mailboxes of a list, those in groups among them. */
function mailboxesOf(addresses = []) {
  return addresses.flatMap(each => each.group ?? [{ name: each.name, address: each.address }]);
}

async function decoded(op, bytes, params) {
  const { attachments } = await parse(op, bytes, params);
  return accept({ base64: attachments[0]?.content.toString("base64") ?? "" });
}

await serve("mailparser", versionOf("mailparser"), {
  "address.list": {
    fields: ["mailboxes", "count"],
    run: async (bytes, params) => {
      const mailboxes = mailboxesOf((await parse("address.list", bytes, params)).to?.value);
      return accept({ mailboxes, count: mailboxes.length });
    },
  },
  "header.text": {
    fields: ["text", "lines", "characters"],
    run: async (bytes, params) => {
      const { subject = "" } = await parse("header.text", bytes, params);
      return accept({ text: subject, lines: subject.split(/[\r\n\0]/).length, characters: subject.length });
    },
  },
  "header.date": {
    fields: ["epoch"],
    run: async (bytes, params) => {
      const { date } = await parse("header.date", bytes, params);
      return date === undefined ? { outcome: "reject", reason: "no date" } : accept({ epoch: date.getTime() / 1000 });
    },
  },
  "header.message-ids": {
    fields: ["ids"],
    run: async (bytes, params) => {
      const { references = [] } = await parse("header.message-ids", bytes, params);
      return accept({ ids: [references].flat().map(id => id.replace(/^<|>$/g, "")) });
    },
  },
  "header.filename": {
    fields: ["filename", "done"],
    run: async (bytes, params) => {
      const { attachments } = await parse("header.filename", bytes, params);
      return accept({ filename: attachments[0]?.filename ?? null, done: true });
    },
  },
  "mime.parse": {
    fields: ["attachments", "contains", "done"],
    run: async (bytes, { marker }) => {
      const { attachments, text = "", html } = await simpleParser(bytes, OPTIONS);
      const contents = [Buffer.from(text), Buffer.from(html || ""), ...attachments.map(({ content }) => content)];
      return accept({
        attachments: attachments
          .filter(({ contentDisposition }) => contentDisposition === "attachment")
          .map(({ contentType, filename, content }) => ({
            type: contentType,
            filename,
            base64: content.toString("base64"),
          })),
        contains: contents.some(content => content.includes(marker ?? "\0")),
        done: true,
      });
    },
  },
  "encoding.base64": { fields: ["base64"], run: (bytes, params) => decoded("encoding.base64", bytes, params) },
  "encoding.quoted-printable": {
    fields: ["base64"],
    run: (bytes, params) => decoded("encoding.quoted-printable", bytes, params),
  },
  "charset.decode": {
    fields: ["text"],
    run: async (bytes, params) => {
      const { text } = await parse("charset.decode", bytes, params);
      return accept({ text: text?.replace(/\n$/, "") ?? null });
    },
  },
});
