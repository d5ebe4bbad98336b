import type { SourceChange } from "@scop/fuzz";
import { OTHER_FAULTS } from "./codec-faults.ts";

/** A fault of a kind that others had, as a change to our sources, and the target that has to find it. */
export interface PlantedFault extends SourceChange {
  readonly name: string;
  readonly target: string;
  /** What an attacker, or bad luck, makes of it. */
  readonly kind: string;
}

/** Faults of machines that talk: where a message ends, and who is listened to. */
const SMTP: readonly PlantedFault[] = [
  {
    name: "lf-dot-ends-data",
    target: "smtp-server",
    kind: "SMTP smuggling, CVE-2023-51764",
    file: "smtp/src/data-reader.ts",
    from: `else this.#note("bare-lf", stop);`,
    to: `else this.#position = "start";`,
  },
  {
    name: "bare-cr-is-kept",
    target: "smtp-server",
    kind: "SMTP smuggling, CVE-2023-51766",
    file: "smtp/src/data-reader.ts",
    from: `this.#note("bare-cr", this.#at - 1);`,
    to: "",
  },
  {
    name: "dot-is-not-removed",
    target: "smtp-server",
    kind: "loss of what was written",
    file: "smtp/src/data-reader.ts",
    from: `    this.#kept = this.#at;\n`,
    to: "",
  },
  {
    name: "nul-hides-what-follows",
    target: "smtp-server",
    kind: "a check that ends too early",
    file: "smtp/src/data-reader.ts",
    from: `? "nul" : this.#fault`,
    to: `? undefined : this.#fault`,
  },
  {
    name: "commands-behind-starttls",
    target: "smtp-server",
    kind: "command injection, CVE-2011-0411",
    file: "smtp/src/server-commands.ts",
    from: `  if (pending.length > 0) return turn.say(says.tlsInjection);\n`,
    to: "",
  },
  {
    name: "replies-behind-starttls",
    target: "smtp-client",
    kind: "response injection, CVE-2021-38371",
    file: "smtp/src/client.ts",
    from: `given.code === 220 && !alone`,
    to: `given.code === 220 && alone && !alone`,
  },
  {
    name: "reply-of-any-characters",
    target: "smtp-client",
    kind: "response splitting",
    file: "smtp/src/reply.ts",
    from: `text.replace(/[^ -~]/g, "?")`,
    to: `text`,
  },
  {
    name: "piece-of-a-reply-lost",
    target: "smtp-client",
    kind: "what depends on how octets arrive",
    file: "smtp/src/reply-reader.ts",
    from: `input.slice(at);`,
    to: `input.slice(at + 1);`,
  },
];

/** Faults of readers and writers of messages and addresses. */
const MESSAGES: readonly PlantedFault[] = [
  {
    name: "boundary-by-its-beginning",
    target: "mime",
    kind: "hidden attachments, as in Inbox Invasion",
    file: "mime/src/delimiter.ts",
    from: `if (line.hash === boundary.hash && isBoundary(bytes, start, end, boundary)) return "open";`,
    to: `if (end - start > boundary.bytes.length && isBoundary(bytes, start, start + boundary.bytes.length, boundary)) return "open";`,
  },
  {
    name: "line-out-of-an-encoded-word",
    target: "header",
    kind: "header injection, CVE-2020-12245 and others",
    file: "mime/src/encoded-word.ts",
    from: `const clean = withoutBreaks(decoded.text);`,
    to: `const clean = decoded.text;`,
  },
  {
    name: "blank-lines-again-and-again",
    target: "header",
    kind: "quadratic time, CVE-2024-23184",
    file: "mime/src/header.ts",
    from: `bytes[index] === TAB || bytes[index] === CR)) index += 1;`,
    to: `bytes[index] === TAB || bytes[index] === CR || bytes[index] === LF)) index += 1;`,
  },
  {
    name: "colon-in-the-value",
    target: "encodings",
    kind: "a span that is off by one",
    file: "mime/src/header.ts",
    from: `length: end - at, valueOffset: colon + 1 }`,
    to: `length: end - at, valueOffset: colon }`,
  },
  {
    name: "soft-line-break-is-a-line-end",
    target: "mime-compose",
    kind: "loss of what was written",
    file: "mime/src/quoted-printable.ts",
    from: `if (bytes[at] === CR) return at + 1 < end && bytes[at + 1] === LF ? at + 2 : -1;`,
    to: `if (bytes[at] === CR) return at + 1 < end && bytes[at + 1] === LF ? at : -1;`,
  },
  {
    name: "last-octets-of-base64",
    target: "mime-compose",
    kind: "padding read wrongly",
    file: "mime/src/base64-body.ts",
    from: `output[state.octets + 1] = (held >> 2) & 255;`,
    to: `output[state.octets + 1] = (held >> 4) & 255;`,
  },
  {
    name: "two-forms-of-base64",
    target: "encodings",
    kind: "malleable input",
    file: "wire/src/base64.ts",
    from: `  if ((last & unused) !== 0) return failed("base64-trailing-bits", symbols - 1, 1, "RFC 4648 3.5");\n`,
    to: "",
  },
  {
    name: "overlong-utf-8",
    target: "encodings",
    kind: "a filter that is passed by another spelling, CVE-2000-0884",
    file: "wire/src/text-pure.ts",
    from: `if (lead === 0xe0) return octet >= 0xa0 &&`,
    to: `if (lead === 0xe0) return octet >= 0x80 &&`,
  },
  {
    name: "surrogates-in-utf-8",
    target: "encodings",
    kind: "text that is none",
    file: "wire/src/text-pure.ts",
    from: `octet >= 0x80 && octet <= 0x9f;`,
    to: `octet >= 0x80 && octet <= 0xbf;`,
  },
  {
    name: "backslash-in-a-file-name",
    target: "mime",
    kind: "path traversal",
    file: "mime/src/file-name.ts",
    from: `Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\\\")) + 1`,
    to: `path.lastIndexOf("/") + 1`,
  },
  {
    name: "zone-without-its-sign",
    target: "header",
    kind: "a value that changes when it is written",
    file: "mime/src/date.ts",
    from: `offsetMinutes < 0 ? "-" : "+"`,
    to: `"+"`,
  },
  {
    name: "quote-in-a-quoted-local-part",
    target: "address",
    kind: "injection into an address",
    file: "address/src/local-part.ts",
    from: `character === '"' || character === "\\\\" ?`,
    to: `character === "\\\\" ?`,
  },
  {
    name: "quoted-pair-keeps-its-backslash",
    target: "address",
    kind: "two addresses for one text",
    file: "address/src/local-part.ts",
    from: `    if (code === BACKSLASH) at += 1;\n`,
    to: "",
  },
];

/** Faults of readers of DNS and of what stands in it, of IMAP and SASL. */
const OTHERS: readonly PlantedFault[] = [
  {
    name: "pointers-in-a-circle",
    target: "dns",
    kind: "endless loop, CVE-2017-9445 and others",
    file: "dns/src/reader.ts",
    from: `        if (target >= lowest) return this.#broken("name-pointer", "RFC 1035 4.1.4", at);\n`,
    to: "",
  },
  {
    name: "one-octet-beyond-the-end",
    target: "dns",
    kind: "read out of bounds",
    file: "dns/src/reader.ts",
    from: `this.end - this.at >= octets) return true;`,
    to: `this.end - this.at >= octets - 1) return true;`,
  },
  {
    name: "label-of-any-length",
    target: "dns",
    kind: "a limit that is not kept",
    file: "dns/src/reader.ts",
    from: `      if (length > 63) return this.#broken("label-type", "RFC 6891 5", at);\n`,
    to: "",
  },
  {
    name: "prefix-of-the-wrong-family",
    target: "spf",
    kind: "somebody else's address passes",
    file: "spf/src/record.ts",
    from: "v6 < WHOLE.v6 ? `//",
    to: "v6 < WHOLE.v6 ? `/",
  },
  {
    name: "tag-that-stands-twice",
    target: "dkim",
    kind: "signer and verifier read differently",
    file: "dkim/src/tag-list.ts",
    from: `    if (tags.has(name)) return failed("tag-duplicate", offset, end - offset, rule);\n`,
    to: "",
  },
  {
    name: "policy-of-subdomains-is-lost",
    target: "dmarc",
    kind: "a policy that does not count",
    file: "dmarc/src/record.ts",
    from: `subdomainPolicy: isOdd ? undefined : policies.sp.value,`,
    to: `subdomainPolicy: isOdd ? undefined : policies.p.value,`,
  },
  {
    name: "markup-in-a-report",
    target: "dmarc-report",
    kind: "injection into XML",
    file: "dmarc/src/report/xml.ts",
    from: ".replace(/[<>&\\r]/g",
    to: ".replace(/[>\\r]/g",
  },
  {
    name: "wildcard-of-many-labels",
    target: "tls-policy",
    kind: "a name that was not certified, RFC 6125 6.4.3",
    file: "tls-policy/src/sts-policy.ts",
    from: `domain === (is === "host" ? read.value : above)`,
    to: `is === "host" ? domain === read.value : read.value.endsWith(\`.\${domain}\`)`,
  },
  {
    name: "slash-in-a-mailbox-name",
    target: "imap-command",
    kind: "two mailboxes for one name",
    file: "imap/src/utf7.ts",
    from: `.replaceAll("=", "").replaceAll("/", ",");`,
    to: `.replaceAll("=", "");`,
  },
  {
    name: "line-end-between-two-pieces",
    target: "imap-command",
    kind: "what depends on how octets arrive",
    file: "imap/src/framer.ts",
    from: `return { framer: { ...framer, scanned: end }, frame: { frame: "bytes" } };`,
    to: `return { framer: { ...framer, scanned: end + 1 }, frame: { frame: "bytes" } };`,
  },
  {
    name: "controls-in-a-user-name",
    target: "sasl",
    kind: "one account under two names",
    file: "sasl/src/prepare.ts",
    from: `    if (isControl(code)) return failed("control-character", index, 1, "RFC 8265 4.2.1");\n`,
    to: "",
  },
];

export const FAULTS: readonly PlantedFault[] = [...SMTP, ...MESSAGES, ...OTHERS, ...OTHER_FAULTS];
