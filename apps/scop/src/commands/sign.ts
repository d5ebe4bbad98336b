import { readFileSync } from "node:fs";
import { strictMailbox } from "@scop/address";
import type { Signer } from "@scop/dkim";
import { signDkim, type WholeMessage, wholeMessage } from "@scop/dkim/run";
import { addressesOf, mailboxesOf } from "@scop/mime";
import { nodePlatform } from "@scop/node-host";
import { folderSigner, pemSigner } from "@scop/node-host/dkim";
import { concat, latin1Bytes } from "@scop/wire";
import type { Command } from "commander";
import { Fault, UsageError } from "../fault.ts";
import { readMessage } from "../input.ts";
import { keysFolder } from "../keys.ts";
import { dataFolder } from "../settings.ts";
import { example, type StoreFlags, withStoreOptions } from "./command.ts";
import { domainArgument } from "./names.ts";

interface SignFlags extends StoreFlags {
  readonly domain?: string;
  readonly key?: string;
  readonly selector?: string;
}

const SELECTOR = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;

/** `scop sign FILE|-` */
export function addSignCommand(program: Command): void {
  withStoreOptions(
    program
      .command("sign <file>")
      .description("sign a message and write it to standard output; - reads standard input"),
  )
    .option("--domain <domain>", "sign for this domain (default: that of From)")
    .option("--key <file>", "sign with this private key (PEM) in place of those of the domain")
    .option("--selector <name>", "under which that key is published")
    .addHelpText(
      "after",
      example("npx scop sign message.eml > signed.eml", "npx scop sign message.eml --key key.pem --selector 2026a"),
    )
    .action(sign);
}

async function sign(file: string, flags: SignFlags): Promise<void> {
  const io = nodePlatform();
  const bytes = await readMessage(file);
  const message = wholeMessage(bytes);
  const domain = flags.domain === undefined ? authorDomain(message) : domainArgument(flags.domain);
  const signer = await signerOf(flags);
  const keys = await signer.keys(domain);
  if (keys.length === 0) throw new Fault(`${domain} has no keys here; make some: npx scop domain add ${domain}`);
  const fields = await signDkim(io, signer, message, domain);
  const signatures = keys.map(({ selector, type }) => ({ selector, algorithm: `${type}-sha256` }));
  const output = flags.json
    ? `${JSON.stringify({ domain, signatures, fields }, null, 2)}\n`
    : concat([latin1Bytes(fields), bytes]);
  await new Promise<void>(resolve => process.stdout.write(output, () => resolve()));
}

async function signerOf(flags: SignFlags): Promise<Signer> {
  if ((flags.key === undefined) !== (flags.selector === undefined))
    throw new UsageError("--key and --selector belong together");
  if (flags.key === undefined || flags.selector === undefined) return folderSigner(keysFolder(await dataFolder(flags)));
  if (!SELECTOR.test(flags.selector)) throw new UsageError(`${flags.selector} is not a selector: labels, as in 2026a`);
  try {
    return pemSigner(readFileSync(flags.key, "utf8"), flags.selector);
  } catch (error) {
    throw new UsageError(`${flags.key}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The domain of the first author. */
function authorDomain({ header }: WholeMessage): string {
  const [author] = mailboxesOf(addressesOf(header, "from").addresses);
  const mailbox = author && strictMailbox(author);
  if (!mailbox?.ok) throw new UsageError("no author in From has a domain that could sign; name one with --domain");
  return mailbox.value.domain;
}
