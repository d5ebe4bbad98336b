import { createSocket } from "node:dgram";
import { once } from "node:events";
import { decodeMessage, encodeMessage, Rcode, type RecordData, type ResourceRecord, TYPE_CODES } from "@scop/dns";
import { latin1Bytes } from "@scop/wire";

/** Records by name, in lower case. More may be put into it while it is served. */
export type ServedZone = Map<string, readonly RecordData[]>;

const STRING_OCTETS_MAX = 255;

/** A TXT record, its text in as many strings as it needs. */
export function txt(text: string): RecordData {
  const strings: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += STRING_OCTETS_MAX)
    strings.push(latin1Bytes(text.slice(at, at + STRING_OCTETS_MAX)));
  return { type: "TXT", strings };
}

/** A DNS server on loopback, until `stop`: what is not in the zone has no records. */
export async function serveZone(
  zone: ServedZone,
): Promise<{ readonly address: string; readonly port: number; stop(): void }> {
  const server = createSocket("udp4");
  server.on("message", (octets, from) => {
    const query = decodeMessage(octets);
    if (query.ok) server.send(answerTo(zone, query.value), from.port, from.address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return { address: `127.0.0.1:${port}`, port, stop: () => server.close() };
}

function answerTo(zone: ServedZone, query: Parameters<typeof encodeMessage>[0]): Uint8Array {
  const question = query.questions[0]!;
  const records = zone.get(String(question.name).toLowerCase());
  const answers = (records ?? [])
    .filter(data => data.type !== "other" && TYPE_CODES[data.type] === question.type)
    .map((data): ResourceRecord => ({ name: question.name, class: 1, ttlS: 60, data }));
  const flags = { ...query.flags, response: true, recursionAvailable: true };
  return encodeMessage({ ...query, flags, rcode: records === undefined ? Rcode.noSuchName : Rcode.noError, answers });
}
