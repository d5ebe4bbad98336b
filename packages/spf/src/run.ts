import type { Dns, DnsAnswer, Platform } from "@scop/platform";
import type { SpfQuery, SpfQuestion } from "./check.ts";
import { openSpfCheck } from "./machine.ts";
import type { SpfVerdict } from "./verdict.ts";

/** Performs the questions of a check one after the other. Never rejects. RFC 7208 4 */
export async function checkSpf(
  io: Pick<Platform, "clock" | "dns">,
  question: Omit<SpfQuestion, "now">,
): Promise<SpfVerdict> {
  const machine = openSpfCheck({ ...question, now: io.clock.now() });
  let { effect } = machine;
  while (effect.do === "lookup") {
    const { id } = effect;
    effect = machine.take({ on: "answer", id, answer: await ask(io.dns, effect) });
  }
  return effect.verdict;
}

async function ask(dns: Dns, query: SpfQuery): Promise<DnsAnswer<string>> {
  switch (query.type) {
    case "TXT":
      return dns.txt(nameText(query.name));
    case "A":
      return dns.a(nameText(query.name));
    case "AAAA":
      return dns.aaaa(nameText(query.name));
    case "PTR":
      return dns.ptr(query.address);
    case "MX": {
      const answer = await dns.mx(nameText(query.name));
      return answer.found === "records"
        ? { ...answer, records: answer.records.map(record => record.exchange) }
        : answer;
    }
  }
}

/** A name as `Dns` takes it: macros make names with spaces and backslashes. RFC 1035 5.1 */
function nameText(name: string): string {
  return /[ \\]/.test(name) ? name.replace(/[ \\]/g, odd => (odd === " " ? "\\032" : "\\\\")) : name;
}
