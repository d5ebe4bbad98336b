import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { UsageError } from "./fault.ts";

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const transport = v.union([
  v.pipe(v.string(), v.regex(/^\S+:\d+$/, "host:port")),
  v.strictObject({
    host: v.string(),
    port,
    tls: v.optional(v.picklist(["require", "implicit", "opportunistic", "never"])),
    username: v.optional(v.string()),
    passwordFile: v.optional(v.string()),
    protocol: v.optional(v.picklist(["smtp", "lmtp"])),
  }),
]);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const limit = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_650));
const destination = v.strictObject({
  connectionsMax: v.exactOptional(count),
  transactionRecipientsMax: v.exactOptional(count),
  messagesPerConnectionMax: v.exactOptional(count),
});
const holdRule = v.pipe(
  v.strictObject({ destination: v.exactOptional(v.string()), sender: v.exactOptional(v.string()) }),
  v.check(rule => rule.destination !== undefined || rule.sender !== undefined, "destination, sender or both"),
);

const resolver = v.union([
  v.string(),
  v.strictObject({ address: v.string(), tls: v.exactOptional(v.string()), trusted: v.exactOptional(v.boolean()) }),
]);

const schema = v.strictObject({
  data: v.optional(v.string()),
  hostname: v.optional(v.string()),
  host: v.optional(v.string()),
  ports: v.optional(
    v.strictObject({
      smtp: v.optional(port),
      submission: v.optional(port),
      imap: v.optional(port),
      imaps: v.optional(port),
      http: v.optional(port),
      https: v.optional(port),
      federation: v.optional(port),
    }),
  ),
  tls: v.optional(v.strictObject({ certificate: v.string(), key: v.string() })),
  transports: v.optional(v.record(v.string(), transport)),
  relay: v.optional(transport),
  resolvers: v.optional(v.array(resolver)),
  destinations: v.optional(v.record(v.string(), destination)),
  hold: v.optional(v.array(holdRule)),
  verify: v.optional(
    v.strictObject({
      peers: v.exactOptional(v.picklist(["all", "outside", "none"])),
      receivedSpf: v.exactOptional(v.picklist(["yes", "no"])),
      onReject: v.exactOptional(v.picklist(["reject", "quarantine", "accept"])),
      onQuarantine: v.exactOptional(v.picklist(["quarantine", "accept"])),
      trustedSealers: v.exactOptional(v.array(v.string())),
    }),
  ),
  reports: v.optional(
    v.strictObject({
      dmarc: v.exactOptional(v.boolean()),
      tls: v.exactOptional(v.boolean()),
      from: v.exactOptional(v.string()),
      organization: v.exactOptional(v.string()),
    }),
  ),
  federation: v.optional(
    v.strictObject({
      allowAddresses: v.exactOptional(v.array(v.pipe(v.string(), v.ip()))),
      trust: v.exactOptional(v.string()),
      notaries: v.exactOptional(v.array(v.string())),
    }),
  ),
  dkim: v.optional(
    v.strictObject({
      rotateAfterDays: v.exactOptional(days),
      announceDays: v.exactOptional(days),
      overlapDays: v.exactOptional(days),
    }),
  ),
  signers: v.optional(v.record(v.string(), v.strictObject({ address: v.string(), secretFile: v.string() }))),
  tagSeparator: v.optional(v.string()),
  quota: v.optional(v.strictObject({ octets: v.exactOptional(limit), messages: v.exactOptional(limit) })),
  logLevel: v.optional(v.picklist(["debug", "info", "warn", "error"])),
  limits: v.optional(
    v.strictObject({
      connectionsMax: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      connectionsPerAddressMax: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      messageOctetsMax: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024))),
      recipientsMax: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100))),
    }),
  ),
});

/** A host that takes mail for a domain: `host:port`, or with what it asks for. */
export type TransportConfig = v.InferOutput<typeof transport>;

/** A server to ask for names: `address` or `address:port`, or with what is known about it. */
export type ResolverConfig = v.InferOutput<typeof resolver>;

/** What `scop.config.ts` may say. Everything has a default; what changes at run time is in the store. */
export type ScopConfig = v.InferOutput<typeof schema>;

/** The ports of DESIGN: high ones, so that nobody needs to be root. */
export const DEFAULT_PORTS = { smtp: 2525, submission: 2587, imap: 2143, imaps: 2993, http: 2080 } as const;

/** The name of one listener. */
export type ListenerName = keyof typeof DEFAULT_PORTS;

const DEFAULT_FILE = "scop.config.ts";

/** For `scop.config.ts`: `export default defineConfig({ hostname: "mail.example.org" })`. */
export function defineConfig(config: ScopConfig): ScopConfig {
  return config;
}

/** Reads the configuration. Without a file named, `scop.config.ts` here if there is one. */
export async function loadConfig(file: string | undefined): Promise<ScopConfig> {
  const path = resolve(file ?? DEFAULT_FILE);
  if (!existsSync(path)) {
    if (file === undefined) return {};
    throw new UsageError(`${file}: no such configuration file`);
  }
  const module: unknown = await import(pathToFileURL(path).href).catch(error => {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const value = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  if (value === undefined)
    throw new UsageError(`${path}: has no default export; write export default defineConfig({ ... })`);
  return readConfig(path, value);
}

/** The settings that a file exports. Throws a `UsageError` with a line for each that can't be taken: the key, what it is, and what is allowed. */
export function readConfig(path: string, value: unknown): ScopConfig {
  const read = v.safeParse(schema, value);
  if (read.success) return read.output;
  throw new UsageError(read.issues.map(issue => issueText(path, issue)).join("\n"));
}

function issueText(path: string, issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue) ?? "(the whole)";
  const allowed =
    issue.expected === "never" ? `no such key; keys here: ${keysAt(key)}` : `allowed is ${issue.expected}`;
  return `${path}: ${key} is ${issue.received}: ${issue.expected === null ? issue.message : allowed}`;
}

/** The keys that are allowed where an unknown one was found. */
function keysAt(key: string): string {
  const [parent = "", ...below] = key.split(".");
  const { ports, limits, tls, verify, reports, dkim, federation } = schema.entries;
  const nested = { ports, limits, tls, verify, reports, dkim, federation };
  const isNested = below.length === 1 && Object.hasOwn(nested, parent);
  const object = isNested ? nested[parent as keyof typeof nested].wrapped : schema;
  return Object.keys(object.entries).join(", ");
}
