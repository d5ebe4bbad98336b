import {
  addressWarnings,
  domainToUnicode,
  type ForwardPath,
  formatMailbox,
  isAddressLiteral,
  isAsciiMailbox,
  literalAddress,
  parseAddressList,
  parseDomain,
  parseForwardPath,
  parseMailbox,
  parseReversePath,
  type ReversePath,
  splitTag,
  strictMailbox,
} from "@scop/address";
import { displayNameOf, mailboxesOf } from "@scop/mime";
import { runtimeCharsets } from "@scop/node-host/charsets";
import { type Diagnostic, utf8 } from "@scop/wire";
import { accepted, type Operations, parsedAnswer } from "./operation.ts";

function addressOfPath(path: ReversePath | ForwardPath): string {
  if (path.kind === "mailbox") return `${path.mailbox.localPart}@${path.mailbox.domain}`;
  return path.kind === "null" ? "" : "postmaster";
}

function utf8Text(bytes: Uint8Array): string {
  const read = utf8(bytes);
  return read.ok ? read.value : "\ufffd";
}

/** Addresses by `@scop/address`. What is no address to send to is reported. */
export const addresses: Operations = {
  "address.list": {
    fields: ["mailboxes", "count", "comments", "groups", "clean"],
    run: bytes => {
      const { addresses: found, diagnostics } = parseAddressList(bytes);
      const mailboxes = mailboxesOf(found);
      const strict = mailboxes.flatMap((each): readonly Diagnostic[] => {
        const read = strictMailbox(each);
        const warnings = addressWarnings(bytes, each).filter(({ code }) => code === "address-in-name");
        return read.ok ? warnings : [read.error];
      });
      const shown = mailboxes.map(each => ({
        name: displayNameOf({ ...each, comment: "" }, runtimeCharsets),
        address: each.domain === "" ? each.localPart : `${each.localPart}@${each.domain}`,
      }));
      const comments = mailboxes.map(({ comment }) => comment);
      const groups = found.flatMap(each =>
        each.kind === "group" ? [{ name: each.displayName, count: each.members.length }] : [],
      );
      return accepted({ mailboxes: shown, count: shown.length, comments, groups }, [...diagnostics, ...strict]);
    },
  },
  "address.mailbox": {
    fields: ["local", "domain", "user", "detail", "ip", "written", "utf8", "clean"],
    run: bytes =>
      parsedAnswer(parseMailbox(utf8Text(bytes)), mailbox => {
        const { localPart, domain } = mailbox;
        const { base, tag = null } = splitTag(localPart);
        const ip = isAddressLiteral(domain) ? literalAddress(domain).text : null;
        return {
          local: localPart,
          domain,
          user: base,
          detail: tag,
          ip,
          written: formatMailbox(mailbox),
          utf8: !isAsciiMailbox(mailbox),
        };
      }),
  },
  "address.path": {
    fields: ["address", "clean"],
    run: (bytes, params) => {
      const text = utf8Text(bytes);
      const read = params["kind"] === "reverse" ? parseReversePath(text) : parseForwardPath(text);
      if (read.ok && read.value.characters !== text.length)
        return { outcome: "reject", reason: "text behind the path" };
      return parsedAnswer<{ readonly path: ReversePath | ForwardPath }>(read, ({ path }) => ({
        address: addressOfPath(path),
      }));
    },
  },
  "address.domain": {
    fields: ["ascii", "unicode", "clean"],
    run: bytes => parsedAnswer(parseDomain(utf8Text(bytes)), ascii => ({ ascii, unicode: domainToUnicode(ascii) })),
  },
};
