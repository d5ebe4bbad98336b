import { parseReversePath } from "@scop/address";
import type { JsonObject } from "@scop/corpus";
import { openKeyCache } from "@scop/dkim";
import { verifyDkimAndArc, wholeMessage } from "@scop/dkim/run";
import { type DmarcRecord, parseDmarcRecord } from "@scop/dmarc";
import { checkDmarc } from "@scop/dmarc/run";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { nodePlatform } from "@scop/node-host";
import type { Clock, Dns } from "@scop/platform";
import { checkSpf } from "@scop/spf/run";
import { latin1, parseIp } from "@scop/wire";
import { accepted, type Operations, parsedAnswer, textParam } from "./operation.ts";

const host = nodePlatform();

/** Names that are known, and nothing else. */
function dnsOfCase(params: JsonObject): Dns {
  const read = parseZone(params["zone"] ?? {});
  if (!read.ok) throw new Error(`the zone of the case: ${read.at} is not ${read.expected}`);
  return zoneDns(read.zone);
}

function ioOfCase(params: JsonObject): {
  readonly clock: Clock;
  readonly dns: Dns;
  readonly crypto: typeof host.crypto;
} {
  const { now } = params;
  const clock: Clock = typeof now === "number" ? { ...host.clock, now: () => now * 1000 } : host.clock;
  return { clock, dns: dnsOfCase(params), crypto: host.crypto };
}

/** A word for the whole message: that of the best signature. */
function overall(words: readonly string[]): string {
  return words.includes("pass") ? "pass" : (words[0] ?? "none");
}

function senderOf(mailFrom: string): { readonly localPart: string; readonly domain: string } | undefined {
  if (mailFrom === "") return undefined;
  const read = parseReversePath(`<${mailFrom}>`);
  if (read.ok && read.value.path.kind === "mailbox") return read.value.path.mailbox;
  const at = mailFrom.lastIndexOf("@");
  return { localPart: mailFrom.slice(0, at), domain: mailFrom.slice(at + 1) };
}

interface Authenticated {
  readonly result: string;
  readonly domain: string;
}

/** A record by its tags, each with its default. */
function recordShown(record: DmarcRecord): JsonObject {
  return {
    p: record.policy ?? null,
    sp: record.subdomainPolicy ?? null,
    np: record.missingPolicy ?? null,
    psd: record.publicSuffix.slice(0, 1),
    t: record.testing.slice(0, 1),
    adkim: record.dkim.slice(0, 1),
    aspf: record.spf.slice(0, 1),
    rua: record.aggregateReports.map(({ uri }) => uri),
    ruf: record.failureReports,
    fo: record.failureOptions,
  };
}

function passing(found: Authenticated): readonly string[] {
  return found.result === "pass" ? [found.domain.toLowerCase()] : [];
}

/** Who sent a message and who answers for it, by `@scop/spf`, `@scop/dkim` and `@scop/dmarc`. */
export const verdicts: Operations = {
  "dkim.verify": {
    fields: ["result", "signatures"],
    run: async (bytes, params) => {
      const io = ioOfCase(params);
      const { dkim } = await verifyDkimAndArc(io, wholeMessage(bytes), { keys: openKeyCache(io.crypto) });
      const signatures = dkim.map(({ result, reason }) => ({ result, reason }));
      return accepted({ result: overall(dkim.map(({ result }) => result)), signatures });
    },
  },
  "arc.verify": {
    fields: ["result"],
    run: async (bytes, params) => {
      const io = ioOfCase(params);
      const { arc } = await verifyDkimAndArc(io, wholeMessage(bytes), { keys: openKeyCache(io.crypto) });
      return accepted({ result: arc.result, reason: arc.reason });
    },
  },
  "spf.check": {
    fields: ["result"],
    run: async (_, params) => {
      const address = parseIp(textParam(params, "ip"));
      if (!address.ok) return { outcome: "reject", reason: "no address" };
      const sender = senderOf(textParam(params, "mailFrom"));
      const question = { address: address.value, helo: textParam(params, "helo"), sender, receiver: "mx.example.net" };
      const { result, reason } = await checkSpf(ioOfCase(params), question);
      return accepted({ result, reason });
    },
  },
  "dmarc.record": {
    fields: ["p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "clean"],
    run: bytes => parsedAnswer(parseDmarcRecord(latin1(bytes)), recordShown),
  },
  "dmarc.evaluate": {
    fields: ["result", "policy", "organizationalDomain"],
    run: async (_, params) => {
      const dkim = (params["dkim"] as readonly Authenticated[] | undefined) ?? [];
      const question = {
        fromDomains: [textParam(params, "from")],
        spfDomain: passing(params["spf"] as Authenticated)[0],
        dkimDomains: dkim.flatMap(passing),
        spfUnsureDomain: undefined,
        dkimUnsureDomains: [],
      };
      const { result, policy, organizationalDomain, reason } = await checkDmarc({ dns: dnsOfCase(params) }, question);
      return accepted({ result, policy, organizationalDomain: organizationalDomain ?? null, reason });
    },
  },
};
