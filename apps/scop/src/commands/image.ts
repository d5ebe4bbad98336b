import { join } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../fault.ts";
import { withBootFile } from "../image/boot-file.ts";
import { buildImage, type Manifest } from "../image/build.ts";
import { BUILT } from "../image/cargo.ts";
import { type MachineOptions, runMachine } from "../image/run.ts";
import { example } from "./command.ts";

interface BuildFlags {
  readonly output: string;
  readonly probes?: true;
  readonly json?: true;
}

interface RunFlags {
  readonly image?: string;
  readonly forward: readonly string[];
  readonly nextHop?: string;
  readonly resolver?: string;
  readonly hostname: string;
  readonly memory: string;
  readonly option: readonly string[];
  readonly certificate?: string;
  readonly key?: string;
  readonly trust?: string;
  readonly secret?: string;
}

/** What QEMU's user-mode network calls this machine. */
const HOST = "10.0.2.2";

/** `scop image build ROLE`, `scop image run ROLE` */
export function addImageCommand(program: Command): void {
  const image = program.command("image").description("build a role as a unikernel, and run it");
  image
    .command("build <role>")
    .description("build the image of a role (mx, signer) and print what is in it; needs Rust and gcc")
    .requiredOption("-o, --output <file>", "where the image goes")
    .option("--probes", "with attacks on itself, for tests")
    .option("--json", "for machines")
    .addHelpText("after", example("npx scop image build mx -o mx.elf"))
    .action(build);
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  image
    .command("run <role>")
    .description("run a role in QEMU, without root; prints `listening` when it is")
    .option("--next-hop <host:port>", "mx: who takes the mail; 127.0.0.1 is this machine")
    .option("--resolver <host:port>", "mx: who is asked for names; without it nothing is verified")
    .option("--image <file>", "an image that was built before (default: it is built)")
    .option("--forward <port:port>", "a port of this machine, and the port of the image that it leads to", collect, [])
    .option("--hostname <name>", "mx: the name that it says", "mx.scop.test")
    .option("--memory <MB>", "of the machine", "32")
    .option("--certificate <file>", "its certificate in PEM, behind it who issued it: with it STARTTLS is offered")
    .option("--key <file>", "the private key of the certificate, or the one that signs, in PEM")
    .option("--secret <file>", "signer: what callers prove that they know, 32 octets or more")
    .option(
      "--trust <file>",
      "who may have issued the next hop's certificate, in PEM, for --option next-hop-tls=require",
    )
    .option("--option <name=value>", "what else the role is told, as in domains=scop.test", collect, [])
    .addHelpText("after", example("npx scop image run mx --forward 2626:25 --next-hop 127.0.0.1:2525"))
    .addHelpText(
      "after",
      "  $ npx scop image run signer --forward 7465:7465 --key dkim.pem --secret secret --option domain=scop.test --option selector=s1",
    )
    .action(run);
}

async function build(role: string, flags: BuildFlags): Promise<void> {
  if (!flags.json) process.stderr.write("scop: compiling; the first time that takes a minute or two\n");
  const manifest = await buildImage(role, flags.output, { probes: flags.probes ? "yes" : "no" });
  process.stdout.write(flags.json ? `${JSON.stringify(manifest, null, 2)}\n` : manifestText(manifest));
}

function manifestText(manifest: Manifest): string {
  const { role, octets, sha256, bytecode, packages, crates, engine } = manifest;
  return [
    `image     ${role}, ${octets} octets, sha256 ${sha256}`,
    `bytecode  ${bytecode.octets} octets, sha256 ${bytecode.sha256}`,
    ...packages.map(each => `          ${each.name}, MIT, ${each.octets} octets of script`),
    `engine    ${engine}`,
    ...crates.map(each => `crate     ${each.name} ${each.version}, ${each.licence}`),
    "",
  ].join("\n");
}

function portOf(text: string | undefined): number {
  const port = /^[0-9]{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`${text} is no port; allowed is 1 to 65535`);
  return port;
}

function forwardOf(text: string): MachineOptions["forwards"][number] {
  const [host, guest, more] = text.split(":");
  if (more !== undefined) throw new UsageError(`${text} is no forward; allowed is PORT:PORT, as in 2626:25`);
  return { host: portOf(host), guest: portOf(guest) };
}

function fromInside(text: string): string {
  const [host = "", port] = text.split(":");
  return `${host === "127.0.0.1" || host === "localhost" ? HOST : host}:${portOf(port)}`;
}

function mxWords({ hostname, nextHop, resolver }: RunFlags): readonly string[] {
  if (nextHop === undefined) throw new UsageError("mx needs --next-hop HOST:PORT, who takes the mail");
  const asks = resolver === undefined ? [] : [`resolver=${fromInside(resolver)}`];
  return [`hostname=${hostname}`, `next-hop=${fromInside(nextHop)}`, ...asks];
}

async function run(role: string, flags: RunFlags): Promise<void> {
  const memoryMb = Number(flags.memory);
  if (!Number.isInteger(memoryMb) || memoryMb < 1 || memoryMb > 3072)
    throw new UsageError(`${flags.memory} is no memory; allowed is 1 to 3072, in MB`);
  const forwards = flags.forward.map(forwardOf);
  const words = ["ip=10.0.2.15/24", `gateway=${HOST}`, ...(role === "mx" ? mxWords(flags) : [])];
  const commandLine = [...words, ...flags.option].join(" ");
  const image = flags.image ?? join(BUILT, "images", `${role}.elf`);
  if (flags.image === undefined) await buildImage(role, image, { probes: "no" });
  const { certificate, key, trust, secret } = flags;
  await withBootFile({ certificate, key, trust, secret }, bootFile =>
    runMachine({ image, memoryMb, forwards, bootFile, commandLine }),
  );
}
