import { StoreCorrupt, StoreUnavailable } from "@scop/store";
import { Command, CommanderError } from "commander";
import { addAccountCommand } from "./commands/account.ts";
import { addAliasCommand } from "./commands/alias.ts";
import { addAuthCommand } from "./commands/auth.ts";
import { example } from "./commands/command.ts";
import { addDnsCommand } from "./commands/dns.ts";
import { addDomainCommand } from "./commands/domain.ts";
import { addGatewayCommand } from "./commands/gateway.ts";
import { addImageCommand } from "./commands/image.ts";
import { addParseCommand } from "./commands/parse.ts";
import { addQueueCommand } from "./commands/queue.ts";
import { addReportsCommand } from "./commands/reports.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addSignCommand } from "./commands/sign.ts";
import { Fault, UsageError } from "./fault.ts";

/** Exit status: done, found a fault, wrong use. */
const STATUS = { done: 0, fault: 1, usage: 2 } as const;

function program(): Command {
  const scop = new Command("scop")
    .description("open messaging from safe parts: a mail server, and the tools around it")
    .showHelpAfterError("(--help shows how)")
    .addHelpText("after", example("npx scop serve --demo", "npx scop domain add example.org"));
  addServeCommand(scop);
  addDomainCommand(scop);
  addDnsCommand(scop);
  addAccountCommand(scop);
  addAliasCommand(scop);
  addGatewayCommand(scop);
  addQueueCommand(scop);
  addParseCommand(scop);
  addAuthCommand(scop);
  addReportsCommand(scop);
  addSignCommand(scop);
  addImageCommand(scop);
  forAll(scop, command => command.exitOverride());
  return scop;
}

function forAll(command: Command, visit: (command: Command) => void): void {
  const waiting = [command];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    visit(next);
    waiting.push(...next.commands);
  }
}

/** Runs one command line and answers the exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : STATUS.done;
  } catch (error) {
    return statusOf(error);
  }
}

function statusOf(error: unknown): number {
  // Commander has said what there is to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.done : STATUS.usage;
  const expected = error instanceof UsageError || error instanceof Fault;
  const stored = error instanceof StoreCorrupt || error instanceof StoreUnavailable;
  if (expected || stored) {
    process.stderr.write(`scop: ${error.message}\n`);
    return error instanceof UsageError ? STATUS.usage : STATUS.fault;
  }
  process.stderr.write(
    `scop: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return STATUS.fault;
}
