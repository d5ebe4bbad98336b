import {
  addressesOfField,
  checkMessage,
  contentTypeOf,
  dateOf,
  decodeField,
  decodePartBytes,
  decodePartText,
  dispositionOf,
  fields,
  fieldValue,
  fileNameOf,
  formatDate,
  isAttachment,
  type Message,
  mailboxesOf,
  messageIdsOf,
  type Part,
  parameter,
  parseAuthenticationResults,
  parseHeader,
  parseMessage,
  partBytes,
  partsOf,
  subjectOf,
} from "@scop/mime";
import { runtimeCharsets } from "@scop/node-host/charsets";
import { concat, type Diagnostic, latin1 } from "@scop/wire";
import { accepted, base64, type Operations, textParam } from "./operation.ts";

/** A message whose header has one field of these octets. */
function messageWith(name: string, bytes: Uint8Array, more = ""): Message {
  return parseMessage(concat([Buffer.from(`${name}: `), bytes, Buffer.from(`\r\n${more}\r\n`)]));
}

/** A message whose only part has these octets, encoded so. */
function bodyWith(fields: string, bytes: Uint8Array): Message {
  return parseMessage(concat([Buffer.from(`${fields}\r\n\r\n`), bytes]));
}

interface Tree {
  readonly type: string;
  readonly parts?: readonly Tree[];
}

/** The tree of a part. As deep as the reader's limit at most. */
function treeOf({ mediaType, children }: Part): Tree {
  if (children.length > 0 || mediaType.startsWith("multipart/"))
    return { type: mediaType, parts: children.map(treeOf) };
  return { type: mediaType };
}

function leavesOf(message: Message): readonly Part[] {
  return partsOf(message.root).filter(part => part.children.length === 0 && !part.mediaType.startsWith("multipart/"));
}

function attachmentsOf(message: Message): readonly object[] {
  return leavesOf(message)
    .filter(part => isAttachment(dispositionOf(message, part)?.value))
    .map(part => ({
      type: part.mediaType,
      filename: fileNameOf(message, part, runtimeCharsets) ?? null,
      base64: base64(partBytes(message, part)),
    }));
}

/** Leaves of a message that is so large that nobody looks at them. */
const SHOWN_LEAVES_MAX = 1000;

const messageOperations: Operations = {
  "mime.parse": {
    fields: ["tree", "leaves", "attachments", "contains", "done", "clean"],
    run: (bytes, params) => {
      const message = parseMessage(bytes);
      const diagnostics = checkMessage(message, { charsets: runtimeCharsets });
      const leaves = leavesOf(message);
      const marker = textParam(params, "marker");
      return accepted(
        {
          tree: treeOf(message.root),
          leaves: leaves
            .slice(0, SHOWN_LEAVES_MAX)
            .map(part => ({ type: part.mediaType, base64: base64(partBytes(message, part)) })),
          attachments: attachmentsOf(message),
          contains: marker !== "" && leaves.some(part => latin1(partBytes(message, part)).includes(marker)),
          done: true,
        },
        diagnostics,
      );
    },
  },
};

const headerOperations: Operations = {
  "header.date": {
    fields: ["epoch", "offset", "written", "clean"],
    run: bytes => {
      const message = messageWith("Date", bytes, "From: ann@example.com\r\n");
      const date = dateOf(message);
      if (date === undefined) return { outcome: "reject", reason: "no date" };
      const found = checkMessage(message).filter(({ code }) => code.startsWith("date") || code.startsWith("comment"));
      const { instant, offsetMinutes } = date;
      return accepted(
        { epoch: instant / 1000, offset: offsetMinutes, written: formatDate(instant, offsetMinutes) },
        found,
      );
    },
  },
  "header.text": {
    fields: ["text", "lines", "characters", "clean"],
    run: bytes => {
      const message = messageWith("Subject", bytes);
      const text = subjectOf(message, runtimeCharsets) ?? "";
      const { diagnostics } = decodeField(message.bytes, message.header[0]!, runtimeCharsets);
      return accepted({ text, lines: text.split(/[\r\n\0]/).length, characters: text.length }, diagnostics);
    },
  },
  "header.filename": {
    fields: ["filename", "safe", "done", "clean"],
    run: bytes => {
      const message = messageWith("Content-Disposition", bytes);
      const disposition = dispositionOf(message, message.root)!;
      const safe = fileNameOf(message, message.root, runtimeCharsets) ?? "";
      return accepted(
        {
          filename: parameter(disposition, "filename", runtimeCharsets) ?? null,
          safe: !/[/\\\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|^\.\.?$/.test(safe),
          done: true,
        },
        disposition.diagnostics,
      );
    },
  },
  "header.message-ids": {
    fields: ["ids", "clean"],
    run: bytes => accepted({ ids: messageIdsOf(messageWith("References", bytes), "references") }),
  },
  "header.fields": {
    fields: ["fields", "clean"],
    run: bytes => {
      const header = parseHeader(bytes);
      const shown = header.header.map(field => [field.name, fieldValue(bytes, field)]);
      return accepted({ fields: shown }, header.diagnostics);
    },
  },
  "header.authentication-results": {
    fields: ["server", "version", "results", "details", "clean"],
    run: bytes => {
      const message = messageWith("Authentication-Results", bytes);
      const { server, version, results, diagnostics } = parseAuthenticationResults(message.bytes, message.header[0]!);
      const details = results.map(({ version: of, reason, comment, properties }) => ({
        version: of,
        reason: reason ?? null,
        comment,
        properties: properties.map(({ type, name, value }) => [type, name, value]),
      }));
      return accepted(
        { server, version, results: results.map(({ method, result }) => [method, result]), details },
        diagnostics,
      );
    },
  },
  "header.check": {
    fields: ["problems", "fields", "clean"],
    run: bytes => {
      const message = parseMessage(bytes);
      const found = checkMessage(message);
      const shown = message.header.map(field => [field.name, fieldValue(bytes, field)]);
      return accepted({ problems: found.length, fields: shown }, found);
    },
  },
};

function decodedAnswer(message: Message): ReturnType<typeof accepted> {
  const { value, diagnostics } = decodePartBytes(message, message.root);
  return accepted({ base64: base64(value) }, diagnostics);
}

/** What a filter would refuse: From is malformed, or there is not one author's domain. */
const AUTHOR_FAULTS = /^(?:address|angle|comma|comment|domain|group|local-part|quote|bare|nul|from|field|header)/;

const authorOperations: Operations = {
  "dmarc.author": {
    fields: ["domains", "clean"],
    run: bytes => {
      const message = parseMessage(bytes);
      const found = fields(message.header, "from").flatMap(field =>
        mailboxesOf(addressesOfField(bytes, field).addresses),
      );
      const domains = [...new Set(found.map(({ domain }) => domain.toLowerCase()))].filter(domain => domain !== "");
      if (domains.length === 0) return { outcome: "reject", reason: "no domain" };
      const faults = checkMessage(message).filter(({ code }) => AUTHOR_FAULTS.test(code));
      const several: readonly Diagnostic[] =
        domains.length > 1 ? [{ code: "authors-several", offset: 0, length: 0, rule: "RFC 9989 11.5" }] : [];
      return accepted({ domains }, [...faults, ...several]);
    },
  },
};

const encodingOperations: Operations = {
  "encoding.base64": {
    fields: ["base64", "clean"],
    run: bytes => decodedAnswer(bodyWith("Content-Transfer-Encoding: base64", bytes)),
  },
  "encoding.quoted-printable": {
    fields: ["base64", "clean"],
    run: bytes => decodedAnswer(bodyWith("Content-Transfer-Encoding: quoted-printable", bytes)),
  },
  "charset.decode": {
    fields: ["text", "characters", "end", "clean"],
    run: (bytes, params) => {
      const type = `Content-Type: text/plain; charset="${textParam(params, "charset")}"`;
      const lines = base64(bytes).replace(/.{76}/g, "$&\r\n");
      const message = bodyWith(`${type}\r\nContent-Transfer-Encoding: base64`, Buffer.from(lines));
      const { value, diagnostics } = decodePartText(message, message.root, runtimeCharsets);
      const notes: readonly Diagnostic[] = [...diagnostics, ...contentTypeOf(message, message.root).diagnostics];
      return accepted({ text: value ?? null, characters: value?.length ?? 0, end: value?.slice(-12) ?? "" }, notes);
    },
  },
};

/** Headers, parts and encodings by `@scop/mime`. */
export const messages: Operations = {
  ...messageOperations,
  ...headerOperations,
  ...authorOperations,
  ...encodingOperations,
};
