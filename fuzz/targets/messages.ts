import type { Grammar } from "@scop/fuzz";

/** Messages as other programs write them, and as nobody should: what targets that read messages begin with. */
export const MESSAGE_SEEDS: readonly string[] = [
  "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Fri, 27 Nov 2026 12:00:00 +0100\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n",
  'Content-Type: multipart/mixed; boundary="b"\r\n\r\nbefore\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=E9=\r\nb\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*0*=utf-8\'\'a%20; filename*1="b.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--b--\r\nafter',
  "Content-Type: multipart/digest; boundary=x\n\n--x\n\nFrom: a@example.org\n\ninner\n--x\nContent-Type: message/rfc822\n\nSubject: s\n\nbody\n--x--\n",
  "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n> a \r\n> b\r\n-- \r\nsig\r\n",
  "Received: from a.example (b.example [192.0.2.1]) by c.example (Postfix) with ESMTPS id 1 for <a@example.org>; Fri, 27 Nov 2026 12:00:00 +0000 (UTC)\r\nList-Id: A list <a.example.org>\r\nList-Post: <mailto:a@example.org>, NO\r\nReferences: <a@b> <c@d>\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n",
  'Authentication-Results: example.org 1; spf=pass (a) smtp.mailfrom=example.net; dkim=fail reason="bad" header.d=example.net\r\nContent-Language: de, en\r\nContent-ID: <x@y>\r\n\r\n',
];

const TYPES = [
  "text/plain",
  "text/html",
  "multipart/mixed",
  "multipart/alternative",
  "message/rfc822",
  "application/ms-tnef",
  "image/png",
];

/** Messages with fields, parts within parts, encodings and the parameters of both. */
export const MESSAGE_GRAMMAR: Grammar = {
  message: ["{fields}{eol}{body}", "{fields}{multi}{eol}{parts}--{boundary}--{eol}"],
  fields: ["", "{field}{fields}", "{field}{fields}"],
  field: [
    "From: {mailbox}{eol}",
    "To: {list}{eol}",
    "Cc: g: {list};{eol}",
    "Subject: {text}{eol}",
    "Date: Fri, 27 Nov 2026 12:00:00 +0100{eol}",
    "Message-ID: <a@{domain}>{eol}",
    "Content-Transfer-Encoding: {encoding}{eol}",
    "Content-Type: {type}{parameters}{eol}",
    "Content-Disposition: attachment{parameters}{eol}",
    "X-{word}: {text}{eol} {text}{eol}",
  ],
  multi: [
    "Content-Type: multipart/mixed; boundary={boundary}{eol}",
    'Content-Type: multipart/digest; boundary="{boundary}"{eol}',
  ],
  parts: ["", "--{boundary}{eol}{message}{eol}{parts}", "--{boundary} \t{eol}{fields}{eol}{body}{eol}{parts}"],
  boundary: ["b", "bb", "=_1"],
  type: [...TYPES, "{word}/{word}"],
  parameters: ["", "; {parameter}{parameters}", ";{eol} {parameter}{parameters}"],
  parameter: [
    "charset={charset}",
    'name="{word}"',
    "filename*={charset}'en'%41%e9{word}",
    "filename*0*=utf-8''{word}; filename*1={word}",
    "{word}={word}",
    "format=flowed",
    "delsp=yes",
  ],
  charset: ["utf-8", "us-ascii", "iso-8859-1", "windows-1252", "iso-8859-15", "utf-7", "utf-16le", "koi8-r", "x-none"],
  encoding: ["7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode"],
  body: [
    "",
    "{text}{eol}{body}",
    "YWJj{eol}{body}",
    "a=3D=C3=BC={eol}{body}",
    "begin 644 {word}{eol}#0V%T{eol}`{eol}end{eol}",
  ],
  text: ["{word}", "{word} {text}", "=?{charset}?Q?a=5Fb_{word}?=", "=?{charset}?B?YWI=?= {text}", "{word}(c{text})"],
  word: ["a", "b1", "é", "{word}{word}", '"{word} {word}"', "\\{word}", "=", "\0"],
  list: ["{mailbox}", "{mailbox}, {list}"],
  mailbox: [
    "{word}@{domain}",
    "{text} <{word}@{domain}>",
    "<@{domain}:{word}@{domain}>",
    "({text}) {word}@[192.0.2.1]",
  ],
  domain: ["example.org", "bücher.example", "[IPv6:2001:db8::1]", "{word}.example"],
  eol: ["\r\n", "\r\n", "\r\n", "\n", "\r"],
};
