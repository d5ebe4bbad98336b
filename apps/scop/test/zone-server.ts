import { createSocket } from "node:dgram";
import { once } from "node:events";
import { decodeMessage, encodeMessage, Rcode, type ResourceRecord } from "@scop/dns";
import { latin1Bytes } from "@scop/wire";

/** TXT records by name, in lower case. More may be put into it while it is served. */
export type TxtZone = Map<string, readonly string[]>;

const TXT = 16;
const STRING_OCTETS_MAX = 255;

/** A DNS server on loopback, until `stop`: what is not in the zone has no records. */
export async function serveZone(zone: TxtZone): Promise<{ readonly address: string; stop(): void }> {
  const server = createSocket("udp4");
  server.on("message", (octets, from) => {
    const query = decodeMessage(octets);
    if (query.ok) server.send(answerTo(zone, query.value), from.port, from.address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  return { address: `127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

function answerTo(zone: TxtZone, query: Parameters<typeof encodeMessage>[0]): Uint8Array {
  const question = query.questions[0]!;
  const texts = zone.get(String(question.name).toLowerCase());
  const answers = (question.type === TXT ? (texts ?? []) : []).map((text): ResourceRecord => {
    const strings: Uint8Array[] = [];
    for (let at = 0; at < text.length; at += STRING_OCTETS_MAX)
      strings.push(latin1Bytes(text.slice(at, at + STRING_OCTETS_MAX)));
    return { name: question.name, class: 1, ttlS: 60, data: { type: "TXT", strings } };
  });
  const flags = { ...query.flags, response: true, recursionAvailable: true };
  return encodeMessage({ ...query, flags, rcode: texts === undefined ? Rcode.noSuchName : Rcode.noError, answers });
}
