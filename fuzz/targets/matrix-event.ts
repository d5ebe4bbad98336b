import { createHash } from "node:crypto";
import { eventDraftOf } from "@scop/matrix/arbitrary";
import { buildEvent, eventFormatOf, eventIdOf, isIntact, readEvent, redactEvent } from "@scop/matrix/event";
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from "@scop/matrix/json";
import { readRequestSignature, signRequest } from "@scop/matrix/sign";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";

export const about =
  "an event that is made is read as the same and intact, and a redaction changes neither its id nor what is signed; a header of a signed request is read as it was";
export const seeds: readonly string[] = [
  '{"auth_events":["$a"],"content":{"membership":"join"},"depth":3,"hashes":{"sha256":"x"},"origin_server_ts":1,"prev_events":["$b"],"room_id":"!a:b","sender":"@a:b","signatures":{},"state_key":"@a:b","type":"m.room.member"}',
  '{"auth_events":[],"content":{"room_version":"12"},"depth":1,"hashes":{"sha256":"x"},"origin_server_ts":1,"prev_events":[],"sender":"@a:b","signatures":{},"state_key":"","type":"m.room.create"}',
  'X-Matrix origin="a",destination=b:80,key="ed25519:1",sig="A\\"B"',
];
export const words: readonly string[] = ["redacts", "third_party_invite", "signed", "m.room.power_levels", "event_id"];

const VERSIONS = ["1", "3", "5", "6", "9", "10", "11", "12"];
const OCTETS_MAX = 70_000;
/** What stands for a hash and a signature costs little and depends on every octet. */
const hashes = { sha256: (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest() };
const signer = { entity: "a.example", keyId: "ed25519:1", sign: (bytes: Uint8Array) => hashes.sha256(bytes) };

export function fuzz(data: Uint8Array): void {
  const format = eventFormatOf(VERSIONS[(data[0] ?? 0) % VERSIONS.length]!)!;
  const read = parseJson(data, { octetsMax: OCTETS_MAX, numbers: "any" });
  if (read.ok && isJsonObject(read.value)) checkRead(read.value, data.length);
  if (format.ids !== "chosen") {
    const made = buildEvent(eventDraftOf(data), format, signer, hashes);
    if (made !== undefined) {
      check(isIntact(made.json, hashes), "an event that is made is intact");
      const again = readEvent(made.json, format, hashes);
      if (again.ok) same(again.value, made, "an event that is made is read as it was");
    }
  }
  checkHeader(latin1(data));
}

function checkHeader(text: string): void {
  const header = readRequestSignature(text);
  if (!header.ok) {
    checkDiagnostics([header.error], text.length);
    return;
  }
  const { origin, destination = "b" } = header.value;
  const request = { method: "GET", uri: "/", origin, destination, content: undefined };
  const written = readRequestSignature(signRequest(request, { ...signer, entity: origin }));
  check(written.ok, "a header that is written is read");
  if (written.ok) same([written.value.origin, written.value.destination], [origin, destination], "it says the same");
}

function checkRead(event: JsonObject, length: number): void {
  for (const version of VERSIONS) {
    const format = eventFormatOf(version)!;
    const redacted = redactEvent(event, format);
    same(redactEvent(redacted, format), redacted, "a redaction leaves nothing to redact");
    const read = readEvent(event, format, hashes);
    // A canonical form may be longer than what was read.
    if (!read.ok) checkDiagnostics([read.error], Math.max(length, canonicalJson(event).length));
    else check(eventIdOf(redacted, format, hashes) === eventIdOf(event, format, hashes), "a redaction keeps the id");
  }
}
