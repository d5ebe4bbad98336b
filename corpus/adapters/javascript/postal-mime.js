import PostalMime, { addressParser } from "postal-mime";
import { accept, serve, versionOf, WRAPPED } from "./protocol.js";

const base64 = content => Buffer.from(content).toString("base64");

async function parse(op, bytes, params) {
  return PostalMime.parse(WRAPPED[op] ? WRAPPED[op](bytes, params) : bytes, { attachmentEncoding: "arraybuffer" });
}

async function decoded(op, bytes, params) {
  const { attachments } = await parse(op, bytes, params);
  return accept({ base64: attachments.length === 0 ? "" : base64(attachments[0].content) });
}

function withoutLastLineEnd(text) {
  return text?.replace(/\r?\n$/, "") ?? null;
}

await serve("postal-mime", versionOf("postal-mime"), {
  "address.list": {
    fields: ["mailboxes", "count"],
    run: bytes => {
      const mailboxes = addressParser(bytes.toString("utf8"), { flatten: true });
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
      const epoch = Date.parse(date) / 1000;
      return Number.isNaN(epoch) ? { outcome: "reject", reason: "no date" } : accept({ epoch });
    },
  },
  "header.filename": {
    fields: ["filename", "done"],
    run: async (bytes, params) => {
      const { attachments } = await parse("header.filename", bytes, params);
      return accept({ filename: attachments[0]?.filename ?? null, done: true });
    },
  },
  "header.fields": {
    fields: ["fields"],
    run: async bytes => {
      const { headers } = await PostalMime.parse(bytes);
      return accept({ fields: headers.map(({ originalKey, value }) => [originalKey, value]) });
    },
  },
  "mime.parse": {
    fields: ["attachments", "contains", "done"],
    run: async (bytes, { marker }) => {
      const {
        attachments,
        text = "",
        html = "",
      } = await PostalMime.parse(bytes, { attachmentEncoding: "arraybuffer", rfc822Attachments: false });
      const contents = attachments.map(({ content }) => Buffer.from(content));
      return accept({
        attachments: attachments
          .filter(({ disposition }) => disposition === "attachment")
          .map(({ mimeType, filename, content }) => ({ type: mimeType, filename, base64: base64(content) })),
        contains: [Buffer.from(text), Buffer.from(html), ...contents].some(content => content.includes(marker ?? "\0")),
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
    run: async (bytes, params) =>
      accept({ text: withoutLastLineEnd((await parse("charset.decode", bytes, params)).text) }),
  },
});
