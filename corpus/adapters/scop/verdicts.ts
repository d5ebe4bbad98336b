import { parseReversePath } from "@scop/address";
import type { Answer, JsonObject } from "@scop/corpus";
import {
  type DkimVerdict,
  formatKeyRecord,
  openBodyHashes,
  openKeyCache,
  openVerification,
  parseKeyRecord,
} from "@scop/dkim";
import { openArcVerification } from "@scop/dkim/arc";
import { performVerification, type SignatureVerdicts, verifyDkimAndArc, wholeMessage } from "@scop/dkim/run";
import { type DmarcRecord, formatDmarcRecord, parseDmarcRecord } from "@scop/dmarc";
import { checkDmarc } from "@scop/dmarc/run";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { nodePlatform } from "@scop/node-host";
import type { Clock, Dns } from "@scop/platform";
import { formatRecord, isSpfRecord, parseRecord } from "@scop/spf";
import { checkSpf } from "@scop/spf/run";
import { latin1, parseIp } from "@scop/wire";
import { accepted, base64, type Operations, parsedAnswer, textParam } from "./operation.ts";

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

/** What the signatures of a message come to, its body at once or in the pieces that the case asks for. */
async function verifySignatures(bytes: Uint8Array, params: JsonObject): Promise<SignatureVerdicts> {
  const io = ioOfCase(params);
  const message = wholeMessage(bytes);
  const keys = openKeyCache(io.crypto);
  const sizes = params["chunks"] as readonly number[] | undefined;
  if (sizes === undefined) return verifyDkimAndArc(io, message, { keys });
  const body = openBodyHashes(io.crypto);
  const given = { header: message.header, body, keys, now: io.clock.now() };
  const dkim = performVerification(io.dns, openVerification(io.crypto, given));
  const arc = performVerification(io.dns, openArcVerification(io.crypto, given));
  for (const piece of piecesOf(bytes, sizes, message.header.bodyOffset)) body.feed(piece);
  body.end();
  return { dkim: (await dkim()).verdicts, arc: (await arc()).verdict };
}

/** Octets from an offset on, cut where the whole is cut. */
function* piecesOf(bytes: Uint8Array, sizes: readonly number[], from: number): Generator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const end = Math.min(at + size, bytes.length);
    if (end > from && end > at) yield bytes.subarray(Math.max(at, from), end);
    at = end;
  }
}

/** What a signature that holds says, and what it does not cover; null for one that does not hold. */
function details(verdict: DkimVerdict): JsonObject | null {
  if (verdict.result !== "pass") return null;
  const { domain, selector, identity, algorithm, signedFields, addedFields, keyBits, testing } = verdict;
  return { domain, selector, identity, algorithm, fields: signedFields, added: addedFields, bits: keyBits, testing };
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
    sizes: record.aggregateReports.map(({ octetsMax }) => octetsMax ?? null),
    record: formatDmarcRecord(record),
  };
}

/** The domains that a method says this word of. */
function domainsOf(found: readonly Authenticated[], word: string): readonly string[] {
  return found.filter(({ result }) => result === word).map(({ domain }) => domain.toLowerCase());
}

/** The question of a case, about one domain of From or several. */
function dmarcQuestion(params: JsonObject): Parameters<typeof checkDmarc>[1] {
  const dkim = (params["dkim"] as readonly Authenticated[] | undefined) ?? [];
  const spf = params["spf"] === undefined ? [] : [params["spf"] as Authenticated];
  const from = params["from"];
  return {
    fromDomains: Array.isArray(from) ? (from as readonly string[]) : [textParam(params, "from")],
    spfDomain: domainsOf(spf, "pass")[0],
    dkimDomains: domainsOf(dkim, "pass"),
    spfUnsureDomain: domainsOf(spf, "temperror")[0],
    dkimUnsureDomains: domainsOf(dkim, "temperror"),
  };
}

async function evaluate(params: JsonObject): Promise<Answer> {
  const verdict = await checkDmarc({ dns: dnsOfCase(params) }, dmarcQuestion(params));
  const { result, policy, organizationalDomain, reason, policyDomain, policyTag } = verdict;
  return accepted({
    result,
    policy,
    organizationalDomain: organizationalDomain ?? null,
    policyDomain: policyDomain ?? null,
    policyTag: policyTag ?? null,
    reason,
  });
}

/** Who sent a message and who answers for it, by `@scop/spf`, `@scop/dkim` and `@scop/dmarc`. */
export const verdicts: Operations = {
  "dkim.verify": {
    fields: ["result", "signatures", "details"],
    run: async (bytes, params) => {
      const { dkim } = await verifySignatures(bytes, params);
      const signatures = dkim.map(({ result, reason }) => ({ result, reason }));
      return accepted({
        result: overall(dkim.map(({ result }) => result)),
        signatures,
        details: dkim.map(details),
      });
    },
  },
  "arc.verify": {
    fields: ["result", "oldestPass", "sealers"],
    run: async (bytes, params) => {
      const { arc } = await verifySignatures(bytes, params);
      const { result, reason } = arc;
      if (arc.result !== "pass") return accepted({ result, reason });
      const { oldestPass, sealers } = arc;
      return accepted({ result, reason, oldestPass, sealers: sealers.map(({ domain }) => domain) });
    },
  },
  "spf.check": {
    fields: ["result", "explanation"],
    run: async (_, params) => {
      const address = parseIp(textParam(params, "ip"));
      if (!address.ok) return { outcome: "reject", reason: "no address" };
      const sender = senderOf(textParam(params, "mailFrom"));
      const question = { address: address.value, helo: textParam(params, "helo"), sender, receiver: "mx.example.net" };
      const { result, reason, explanation } = await checkSpf(ioOfCase(params), question);
      return accepted({ result, reason, explanation: explanation ?? null });
    },
  },
  "spf.record": {
    fields: ["record", "clean"],
    run: bytes => {
      const text = latin1(bytes);
      if (!isSpfRecord(text)) return { outcome: "reject", reason: "another version" };
      return parsedAnswer(parseRecord(text), read => ({ record: formatRecord(read) }));
    },
  },
  "dkim.key": {
    fields: ["k", "h", "s", "t", "n", "p", "record", "clean"],
    run: bytes =>
      parsedAnswer(parseKeyRecord(latin1(bytes)), key => ({
        k: key.type,
        h: key.hashes ?? null,
        s: key.services,
        t: key.flags,
        n: key.notes ?? null,
        p: base64(key.octets),
        record: formatKeyRecord(key),
      })),
  },
  "dmarc.record": {
    fields: ["p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "sizes", "record", "clean"],
    run: bytes => parsedAnswer(parseDmarcRecord(latin1(bytes)), recordShown),
  },
  "dmarc.evaluate": {
    fields: ["result", "policy", "organizationalDomain", "policyDomain", "policyTag"],
    run: async (_, params) => evaluate(params),
  },
  "dmarc.authors": {
    fields: ["result", "policy"],
    run: async (_, params) => evaluate(params),
  },
};
