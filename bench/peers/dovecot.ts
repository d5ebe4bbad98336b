import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TlsIdentity } from "@scop/node-host";
import { selfSigned } from "@scop/node-host/self-signed";
import { freePorts } from "../../apps/scop/crash/server-process.ts";
import { dialImap } from "../imap-socket.ts";
import { FILL_MESSAGES, type MailboxPeer, mailOf } from "../mailbox-peer.ts";

const DOVECOT = "/usr/sbin/dovecot";
const USER = "alice@scop.test";
const PASSWORD = "scop";
const START_MS_MAX = 10_000;
const POLL_MS = 50;

/** A Dovecot that runs, for whatever user and the password `scop`. */
interface RunningDovecot {
  /** With TLS from the first octet. */
  readonly port: number;
  readonly pid: number;
  readonly certificate: Buffer;
  stop(): Promise<void>;
}

/** Debian's Dovecot with a configuration and a folder of its own; the mail is in mdbox, its fastest format, and filled by MULTIAPPEND. */
export async function startDovecot(folder: string, messages: number): Promise<MailboxPeer | string> {
  // Without fsync, which filling would wait for and reading never does.
  const running = await runDovecot(folder, "mail_location = mdbox:~/mdbox\nmail_fsync = never\n");
  if (typeof running === "string") return running;
  const { port, pid, stop } = running;
  const peer = { name: "Dovecot", port, user: USER, password: PASSWORD, pid, stop };
  await fill(peer, messages);
  return peer;
}

/** Starts Dovecot with these settings beside the usual ones; a string is why it can't be started here. */
export async function runDovecot(folder: string, settings: string): Promise<RunningDovecot | string> {
  if (process.getuid?.() !== 0) return "Dovecot can only be started by root";
  if (!existsSync(DOVECOT)) return "Dovecot is not installed (Debian package dovecot-imapd)";
  const { imaps: port } = await freePorts();
  const { certificate, key } = await selfSigned({ names: ["localhost"], now: Date.now() });
  const configuration = await configure(folder, port, { certificate, key }, settings);
  const server = spawn(DOVECOT, ["-F", "-c", configuration], { stdio: "ignore", env: { ...process.env, TZ: "UTC" } });
  const kill = (): void => void server.kill("SIGTERM");
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    process.off("exit", kill);
    if (server.exitCode !== null) return;
    const ended = new Promise(resolve => server.once("exit", resolve));
    kill();
    await ended;
  };
  for (let waited = 0; waited < START_MS_MAX && server.exitCode === null; waited += POLL_MS) {
    const socket = await dialImap(port, USER, PASSWORD).catch(() => undefined);
    socket?.close();
    if (socket !== undefined) return { port, pid: server.pid ?? -1, certificate: Buffer.from(certificate), stop };
    await sleep(POLL_MS);
  }
  await stop();
  const log = await readFile(join(folder, "log"), "utf8").catch(() => "");
  return `Dovecot did not open its port. ${log}`;
}

async function configure(folder: string, port: number, identity: TlsIdentity, settings: string): Promise<string> {
  await chmod(folder, 0o755);
  for (const each of ["mail", "run"]) await mkdir(join(folder, each));
  execFileSync("chown", ["mail:mail", join(folder, "mail")]);
  await writeFile(join(folder, "cert.pem"), identity.certificate);
  await writeFile(join(folder, "key.pem"), identity.key, { mode: 0o600 });
  const path = join(folder, "dovecot.conf");
  await writeFile(path, `${configurationOf(folder, port)}${settings}`);
  return path;
}

function configurationOf(folder: string, port: number): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
first_valid_uid = 1
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
`;
}

/** Puts messages into INBOX. */
async function fill(peer: MailboxPeer, messages: number): Promise<void> {
  const socket = await dialImap(peer.port, peer.user, peer.password);
  for (let done = 0; done < messages; done += FILL_MESSAGES) {
    const parts = Array.from({ length: Math.min(FILL_MESSAGES, messages - done) }, (_, index) => {
      const { bytes, flags } = mailOf(done + index);
      return Buffer.concat([Buffer.from(` (${flags.join(" ")}) {${bytes.length}+}\r\n`), bytes]);
    });
    await socket.run(Buffer.concat([Buffer.from("APPEND INBOX"), ...parts]));
  }
  socket.close();
}
