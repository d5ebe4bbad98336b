import { createMta, type ReportOutcome } from "@scop/mta";
import { nodePlatform } from "@scop/node-host";
import { folderSigner } from "@scop/node-host/dkim";
import type { Command } from "commander";
import { Fault } from "../fault.ts";
import { keysFolder } from "../keys.ts";
import { table } from "../output.ts";
import { hostnameOf, mtaConfigOf, serverSettings } from "../settings.ts";
import { signerOf } from "../signers.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";

interface SendFlags extends StoreFlags {
  readonly now?: true;
  readonly dryRun?: true;
}

const DAY_MS = 86_400_000;

const SAYS: Readonly<Record<ReportOutcome["outcome"], string>> = {
  queued: "in the queue",
  ready: "would be sent",
  nobody: "nobody wants it",
  later: "DNS does not answer; tried again later",
  posted: "given to its web server",
  unposted: "no web server of it takes it; tried again later",
  unsigned: "the domain it would be from has no keys; see npx scop domain",
};

/** `scop reports send` */
export function addReportsSendCommand(reports: Command): void {
  withStoreOptions(reports.command("send").description("send what we saw of others' mail to who asks for it"))
    .option("--now", "with what was seen today, in place of waiting for the end of the day")
    .option("--dry-run", "show what would be sent, and to whom")
    .addHelpText("after", example("npx scop reports send --dry-run", "npx scop reports send --now"))
    // `--json` is an option of `reports` too, which takes it.
    .action((_flags: SendFlags, command: Command) => send(command.optsWithGlobals<SendFlags>()));
}

async function send(flags: SendFlags): Promise<void> {
  const settings = await serverSettings({
    ...(flags.data === undefined ? {} : { data: flags.data }),
    ...(flags.config === undefined ? {} : { config: flags.config }),
  });
  await withStore(flags, async (store, output) => {
    const first = (await store.domains())[0]?.domain;
    if (first === undefined) throw new Fault(`${settings.data} serves no domain yet`);
    const { resolvers } = settings;
    const io = nodePlatform(resolvers ? { resolvers } : {});
    const mta = createMta(
      io,
      store,
      mtaConfigOf(settings, hostnameOf(settings, first)),
      signerOf(io, folderSigner(keysFolder(settings.data)), settings.signers),
    );
    const today = Math.floor(Date.now() / DAY_MS);
    const outcomes = await mta.report({
      before: flags.now === true ? today + 1 : today,
      mode: flags.dryRun === true ? "look" : "send",
    });
    const shown = outcomes.map(({ day, ...rest }) => ({
      ...rest,
      day: new Date(day * DAY_MS).toISOString().slice(0, 10),
    }));
    output.result(shown, all =>
      all.length === 0
        ? "Nothing to report."
        : table(
            ["day", "about", "domain", "counted", "to", ""],
            all.map(each => [
              each.day,
              each.about,
              each.domain,
              String(each.counted),
              each.to.join(", "),
              SAYS[each.outcome],
            ]),
          ),
    );
  });
}
