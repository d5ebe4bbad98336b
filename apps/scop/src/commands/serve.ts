import type { Command } from "commander";
import { DEFAULT_PORTS } from "../config.ts";
import { paint } from "../output.ts";
import type { Daemon } from "../server/daemon.ts";
import { DEMO } from "../server/demo.ts";
import { DEFAULT_DATA, type ServeFlags, serverSettings } from "../settings.ts";
import { example } from "./command.ts";

/** `scop serve` */
export function addServeCommand(program: Command): void {
  const command = program
    .command("serve")
    .description("run the mail server")
    .option("--demo", `serve ${DEMO.domain} with alice and bob (password: ${DEMO.password}), on loopback only`)
    .option("--data <dir>", `where the mail is kept (default: ${DEFAULT_DATA})`)
    .option("--config <file>", "configuration (default: scop.config.ts if there is one)")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--hostname <name>", "our name in greetings and trace fields");
  for (const [name, port] of Object.entries(DEFAULT_PORTS)) {
    command.option(`--${name} <port>`, `port of ${name} (default: ${port}; 0: any)`);
  }
  command
    .option("--https <port>", "port of HTTPS for our MTA-STS policy and settings of mail programs (default: none)")
    .option("--federation <port>", "port for other Matrix servers, TLS; without it there are none (default: none)")
    .option(
      "--transport <domain=host:port>",
      "where mail for a domain goes, in place of DNS; may be repeated",
      collect,
      [],
    )
    .option("--relay <host:port>", "where all other mail goes, in place of DNS")
    .option(
      "--resolver <address[:port]>",
      "whom to ask for names, in place of the system's; may be repeated",
      collect,
      [],
    )
    .option(
      "--signer <domain=address:port>",
      "who signs for a domain, in place of keys here: the image `signer`; may be repeated",
      collect,
      [],
    )
    .option("--signer-secret <file>", "what is proven to the signers")
    .option("--log-level <level>", "debug, info, warn or error (default: warn on a terminal, info elsewhere)")
    .addHelpText(
      "after",
      example(
        "npx scop serve --data /srv/mail --host 0.0.0.0",
        "npx scop serve --demo --transport b.test=127.0.0.1:3525",
      ),
    )
    .action(serve);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function serve(flags: ServeFlags): Promise<void> {
  const settings = await serverSettings(flags);
  // Loaded here, so that the other commands start without the server's libraries.
  const { startDaemon } = await import("../server/daemon.ts");
  const daemon = await startDaemon(settings);
  process.stdout.write(greeting(daemon, settings.host, settings.demo));
  // First the signals: who reads the word may send one before our next line.
  const asked = askedToEnd();
  process.stdout.write("ready\n");
  await asked;
  await daemon.stop();
  process.exit(0);
}

/** How often who was started by npm looks whether it is still there. */
const PARENT_LOOK_MS = 250;

/** A signal; or, under `npm start`, the end of npm's shell, which npm ends at a signal without telling what the shell ran. */
function askedToEnd(): Promise<void> {
  return new Promise(resolve => {
    // A second signal finds the listener still there, so that it can't cut the first one short.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => resolve());
    if (process.env["npm_lifecycle_event"] === undefined) return;
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && resolve(), PARENT_LOOK_MS).unref();
  });
}

/** What a newcomer needs to know. */
function greeting(daemon: Daemon, host: string, demo: boolean): string {
  const { ports } = daemon;
  const row = (what: string, port: number, how: string): string =>
    `  ${what.padEnd(12)} ${paint("cyan", `${host}:${port}`.padEnd(18))} ${paint("dim", how)}\n`;
  return [
    `${paint("bold", "SCoP")} serves ${paint("bold", daemon.domains.join(", "))} as ${daemon.hostname}\n\n`,
    row("SMTP", ports.smtp, "mail from other servers, for recipients here"),
    row("submission", ports.submission, "mail programs send here: STARTTLS, then log in"),
    row("IMAP", ports.imap, "mail programs read here: STARTTLS"),
    row("IMAPS", ports.imaps, "the same, TLS from the start"),
    row("Matrix", ports.http, `http://${host}:${ports.http}: clients log in as @name:${daemon.matrixName}`),
    row("web", ports.http, `health and metrics: http://${host}:${ports.http}/`),
    ...(daemon.httpsPort === undefined
      ? []
      : [row("HTTPS", daemon.httpsPort, "our MTA-STS policy, and settings of mail programs")]),
    ...(daemon.federationPort === undefined
      ? []
      : [row("federation", daemon.federationPort, `other Matrix servers reach ${daemon.matrixName} here, with TLS`)]),
    `\n  certificate  ${daemon.certificate.certificateFile}${daemon.certificate.selfSigned ? " (made here; mail programs will ask whether to trust it)" : ""}\n`,
    demo ? demoText(daemon, host) : `\n  accounts     npx scop account add you@${daemon.domains[0]}\n`,
    "\n",
  ].join("");
}

function demoText(daemon: Daemon, host: string): string {
  const [alice, bob] = DEMO.accounts;
  const { submission, imaps, http } = daemon.ports;
  return `  accounts     ${alice} and ${bob}, password ${paint("bold", DEMO.password)}; ${DEMO.alias.address} reaches both

Try this in another terminal:
  printf 'From: ${alice}\\nTo: ${bob}\\nSubject: Hello\\n\\nIt works.\\n' | curl -sk --ssl-reqd smtp://${host}:${submission} \\
    --user ${alice}:${DEMO.password} --mail-from ${alice} --mail-rcpt ${bob} --crlf -T -
  curl -sk 'imaps://${host}:${imaps}/INBOX;MAILINDEX=*' --user ${bob}:${DEMO.password}
  curl -s http://${host}:${http}/_matrix/client/v3/login --json \\
    '{"type":"m.login.password","identifier":{"type":"m.id.user","user":"alice"},"password":"${DEMO.password}"}'
  npx scop queue list
End it with Ctrl-C; the mail stays.
`;
}
