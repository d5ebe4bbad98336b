import { hostname } from "node:os";
import { parseReversePath, type ReversePath } from "@scop/address";
import { openKeyCache } from "@scop/dkim";
import { parseHeader } from "@scop/mime";
import { resultsField, verifyMessage } from "@scop/mta/verify";
import type { Clock } from "@scop/platform";
import { type IpText, parseIp } from "@scop/wire";
import type { Command } from "commander";
import { UsageError } from "../fault.ts";
import { readMessage } from "../input.ts";
import { platformOf } from "../lookups.ts";
import { example } from "./command.ts";

interface AuthFlags {
  readonly ip: string;
  readonly helo: string;
  readonly mailFrom: string;
  readonly dns?: string;
  readonly now?: string;
}

/** `scop auth FILE|-` */
export function addAuthCommand(program: Command): void {
  program
    .command("auth <file>")
    .description("find out who sent a message and who answers for it, as JSON; - reads standard input")
    .requiredOption("--ip <address>", "the address that it came from")
    .requiredOption("--helo <name>", "what that said in EHLO")
    .requiredOption("--mail-from <address>", "its reverse-path, empty or <> for none")
    .option("--dns <file>", "ask this zone (JSON) in place of DNS")
    .option("--now <time>", "as if it were this time (RFC 3339)")
    .option("--json", "print JSON (it always does)")
    .addHelpText(
      "after",
      example(
        "npx scop auth message.eml --ip 192.0.2.1 --helo mx.example.org --mail-from ann@example.org",
        "npx scop auth - --ip 192.0.2.1 --helo mx --mail-from '' --dns zone.json --now 2026-11-26T12:00:00Z < message.eml",
      ),
    )
    .action(authenticate);
}

async function authenticate(file: string, flags: AuthFlags): Promise<void> {
  const host = await platformOf(flags.dns, {});
  const arrival = {
    address: addressOf(flags.ip),
    helo: flags.helo,
    reversePath: reversePathOf(flags.mailFrom),
    receiver: hostname(),
  };
  const io = { ...host, clock: clockOf(host.clock, flags.now) };
  const header = parseHeader(await readMessage(file));
  const verification = verifyMessage(io, openKeyCache(io.crypto), arrival, header);
  verification.feed(header.bytes.subarray(header.bodyOffset));
  const verdicts = await verification.end();
  const field = resultsField(verdicts, arrival);
  process.stdout.write(`${JSON.stringify({ ...verdicts, field }, null, 2)}\n`);
}

function addressOf(text: string): IpText {
  const read = parseIp(text);
  if (!read.ok) throw new UsageError(`--ip ${text}: not an IP address (${read.error.rule})`);
  return read.value.text;
}

function reversePathOf(text: string): ReversePath {
  const inner = text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
  const read = parseReversePath(`<${inner}>`);
  if (!read.ok || read.value.characters !== inner.length + 2)
    throw new UsageError(`--mail-from ${text}: not an address (${read.ok ? "RFC 5321 4.1.2" : read.error.rule})`);
  return read.value.path;
}

function clockOf(clock: Clock, text: string | undefined): Clock {
  if (text === undefined) return clock;
  const now = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(now)) throw new UsageError(`--now ${text}: not a time of RFC 3339, as in 2026-11-26T12:00:00Z`);
  return { ...clock, now: () => now };
}
