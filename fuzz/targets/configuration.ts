import type { Grammar } from "@scop/fuzz";
import { readConfig } from "../../apps/scop/src/config.ts";
import { UsageError } from "../../apps/scop/src/fault.ts";
import { check, same, textOf } from "./properties.ts";

export const about =
  "settings are taken or refused with a sentence that names the key, never a crash; what is taken is taken again as the same";
export const seeds: readonly string[] = [
  '{"data":"/srv/scop","hostname":"mail.example.org","ports":{"smtp":25,"imap":143},"logLevel":"info"}',
  '{"transports":{"example.org":{"host":"mx.example.org","port":25,"tls":"require","protocol":"lmtp"},"b":"c:1"},"relay":"a:25"}',
  '{"resolvers":["192.0.2.1",{"address":"192.0.2.1:853","tls":"dns.example","trusted":true}],"hold":[{"sender":"a@b"}]}',
  '{"verify":{"peers":"outside","onReject":"quarantine","trustedSealers":["example.org"]},"reports":{"dmarc":true,"from":"a@b"}}',
  '{"federation":{"allowAddresses":["192.0.2.1"]},"dkim":{"rotateAfterDays":90},"quota":{"octets":1},"limits":{"recipientsMax":100}}',
];
export const words: readonly string[] = [
  "__proto__",
  "constructor",
  "destinations",
  "signers",
  "tagSeparator",
  "connectionsMax",
];
export const grammar: Grammar = {
  whole: ["{{{keys}}", "[]", "null", "{value}"],
  keys: ["{key}", "{key},{keys}", ""],
  key: ['"{name}":{value}', '"{name}":{{{keys}}', '"{name}":[{value}]'],
  name: [
    "ports",
    "smtp",
    "limits",
    "recipientsMax",
    "tls",
    "certificate",
    "key",
    "hold",
    "verify",
    "peers",
    "dkim",
    "__proto__",
    "odd",
  ],
  value: ["1", "0", "-1", "1.5", "65536", "1e400", "null", "true", '"a"', '"a:1"', '"192.0.2.1"', "[]", "{{}"],
};

export function fuzz(data: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(textOf(data));
  } catch {
    return;
  }
  try {
    const config = readConfig("scop.config.ts", value);
    same(readConfig("scop.config.ts", config), config, "what was taken is taken again");
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    check(error.message.startsWith("scop.config.ts: "), "a refusal names the file");
  }
}
