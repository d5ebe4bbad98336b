/** `npm run matrix:events -- --events 10000`: what we and Synapse make of random events. The last line is the verdict. */
import { parseArgs } from "node:util";
import { userIdOf } from "@scop/matrix/arbitrary";
import { contentHash, type EventFormat, eventFormatOf, eventIdOf, redactEvent } from "@scop/matrix/event";
import { parseUserId } from "@scop/matrix/id";
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from "@scop/matrix/json";
import { signObject } from "@scop/matrix/sign";
import { nodePlatform } from "@scop/node-host";
import fc from "fast-check";
import { startWorker } from "../../../../bench/worker-process.ts";
import { SYNAPSE_PYTHON } from "../../../../scripts/tools.ts";
import { SEED, signer } from "../keys.ts";

const USAGE = "npm run matrix:events [-- --events N] [--seed N]    N random events, in room versions 3 to 12 by turns";
const VERSIONS = ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
const PROGRESS = 1000;
const DIFFERENCES_MAX = 20;
const { crypto } = nodePlatform();

/** What is made of an event. */
interface Made {
  readonly canonical: string;
  readonly redacted: string;
  readonly hash: string;
  /** Null where it is no event for Synapse. */
  readonly id: string | null;
  /** How old the user id is; null where it is none. */
  readonly user: string | null;
  readonly signature: string;
}

const TYPES = [
  "m.room.create",
  "m.room.member",
  "m.room.join_rules",
  "m.room.power_levels",
  "m.room.history_visibility",
  "m.room.aliases",
  "m.room.redaction",
  "m.room.message",
  "org.example.other",
];
const CONTENT_KEYS =
  "creator membership join_authorised_via_users_server third_party_invite join_rule allow ban events events_default invite kick redact state_default users users_default notifications history_visibility aliases redacts body room_version \u{10002} \ufb33 __proto__ 10 9";
const FURTHER_KEYS = ["redacts", "prev_state", "origin", "membership", "unsigned", "org.example.key"];

const value = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.maxSafeInteger(),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constant({ signed: { mxid: "@a:b" }, display_name: "a" }),
  fc.array(fc.constantFrom("a", 1, null), { maxLength: 3 }),
);
const dictionary = (keys: readonly string[]): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6, noNullPrototype: true });
const events = fc.record({
  type: fc.constantFrom(...TYPES),
  content: dictionary(CONTENT_KEYS.split(" ")),
  further: dictionary(FURTHER_KEYS),
  stateKey: fc.constantFrom(undefined, "", "@a:domain"),
  depth: fc.maxSafeInteger(),
  user: fc.oneof(
    fc.uint8Array({ minLength: 2, maxLength: 2 }).map(userIdOf),
    fc
      .tuple(
        fc.string({ unit: "binary", maxLength: 12, size: "max" }).filter(text => !text.includes("\0")),
        fc.constantFrom(
          "a.example",
          "a..b",
          ".a",
          "a_b",
          "[::1]",
          "[::1",
          "[1.2.3.4]",
          "a:80",
          "a:b",
          "",
          "é",
          "a".repeat(245),
        ),
      )
      .map(([localpart, server]) => `@${localpart}:${server}`),
  ),
});

/** An event as JSON has it; what it says need not make sense. */
function plainEvent(drawn: typeof events extends fc.Arbitrary<infer E> ? E : never, version: string): object {
  const { type, content, further, stateKey, depth } = drawn;
  const isCreate = type === "m.room.create" && version === "12";
  const unsigned = typeof further["unsigned"] === "object" ? further["unsigned"] : {};
  return {
    ...further,
    unsigned: unsigned ?? {},
    type,
    ...(isCreate ? {} : { room_id: "!room:domain" }),
    sender: "@a:domain",
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    content,
    depth,
    hashes: { sha256: "x" },
    signatures: { domain: { "ed25519:1": "x" } },
    origin_server_ts: 1,
    auth_events: ["$a"],
    prev_events: ["$b"],
  };
}

function madeByUs(text: string, user: string, format: EventFormat): Made {
  const parsed = parseJson(new TextEncoder().encode(text), { octetsMax: 65_536, numbers: format.numbers });
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error(`we do not read ${text}`);
  const event = parsed.value;
  const redacted = redactEvent(event, format);
  const signatures = signObject(redacted, signer).get("signatures") as JsonObject;
  const userId = parseUserId(user);
  const decode = (object: JsonObject): string => new TextDecoder().decode(canonicalJson(object));
  return {
    canonical: decode(event),
    redacted: decode(redacted),
    hash: contentHash(event, crypto),
    id: eventIdOf(event, format, crypto)!,
    user: userId.ok ? userId.value.form : null,
    signature: (signatures.get("domain") as JsonObject).get("ed25519:1") as string,
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  const [count, seed] = [Number(values.events), Number(values.seed)];
  if (values.help || !(count > 0) || !Number.isSafeInteger(seed)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const synapse = startWorker<object, Made>("Synapse", [
    SYNAPSE_PYTHON,
    new URL("events.py", import.meta.url).pathname,
  ]);
  let differences = 0;
  let ids = 0;
  for (const [at, drawn] of fc.sample(events, { seed, numRuns: count }).entries()) {
    const version = VERSIONS[at % VERSIONS.length]!;
    const event = plainEvent(drawn, version);
    const theirs = await synapse.ask({ version, event, user: drawn.user, seed: SEED });
    const ours = madeByUs(JSON.stringify(event), drawn.user, eventFormatOf(version)!);
    for (const key of Object.keys(ours) as (keyof Made)[]) {
      if (ours[key] === theirs[key] || (key === "id" && theirs.id === null)) continue;
      differences += 1;
      console.log(
        `room version ${version}, ${key} of ${key === "user" ? drawn.user : "the event"}: ours ${ours[key]}, Synapse's ${theirs[key]}`,
      );
    }
    if (theirs.id !== null) ids += 1;
    if (differences > DIFFERENCES_MAX) break;
    if ((at + 1) % PROGRESS === 0) console.log(`${at + 1} of ${count} events, ${differences} differences`);
  }
  synapse.stop();
  // Most events have to be some for Synapse too, or ids were not compared.
  const isSame = differences === 0 && ids > count / 2;
  console.log(`${count} events, ${ids} of them with ids, ${differences} differences: ${isSame ? "" : "not "}the same`);
  return isSame ? 0 : 1;
}

process.exitCode = await main();
