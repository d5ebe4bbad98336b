import { parseResolver, resolversOf } from "@scop/dns";
import { parseZone } from "@scop/dns/zone";
import type { Grammar } from "@scop/fuzz";
import { check, textOf } from "./properties.ts";

export const about = "the texts of a resolver's configuration and of a zone file are read or refused, never a crash";
export const seeds: readonly string[] = [
  '{"example.org":{"TXT":["v=spf1 -all"],"MX":[{"preference":10,"exchange":"mx.example.org"}],"A":["192.0.2.1"]},"x.example":"TIMEOUT"}',
  '{"a.example":{"TLSA":[{"usage":3,"selector":1,"matching":1,"data":"00ff"}],"SRV":[{"priority":1,"weight":2,"port":3,"target":"b.example"}]}}',
  "[2001:db8::1]:53",
  "nameserver 192.0.2.1\noptions trust-ad edns0\n",
];
export const grammar: Grammar = {
  zone: ["{{{names}}"],
  names: ["{name}", "{name},{names}"],
  name: ['"{label}":{records}', '"{label}":"TIMEOUT"', '"{label}":"BOGUS"'],
  label: ["example.org", "a.{label}", "*.{label}", "_dmarc.{label}", "\\\\000", "__proto__"],
  records: [
    "{{}",
    '{{"TXT":["{label}"]}',
    '{{"A":["192.0.2.{n}"],"AAAA":["2001:db8::{n}"]}',
    '{{"MX":[{{"preference":{n},"exchange":"{label}"}]}',
    '{{"CNAME":["{label}"]}',
    '{{"PTR":[{n}]}',
  ],
  n: ["0", "1", "65536", "-1", "1e9", "null", "{n}{n}"],
};

export function fuzz(data: Uint8Array): void {
  const text = textOf(data);
  const server = parseResolver(text);
  if (server) check(server.port > 0 && server.port < 65_536, "a port is one");
  check(resolversOf([], text).length > 0, "there is always a resolver");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return;
  }
  parseZone(json);
}
