import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { selfSigned } from "@scop/node-host/self-signed";
import { freePorts } from "../../apps/scop/crash/server-process.ts";
import { dialImap } from "../imap-socket.ts";
import { FILL_MESSAGES, type MailboxPeer, mailOf } from "../mailbox-peer.ts";

const DOVECOT = "/usr/sbin/dovecot";
const START_MS_MAX = 10_000;
const POLL_MS = 50;

/** Debian's Dovecot with a configuration and a folder of its own; the mail is in mdbox, its fastest format, and filled by MULTIAPPEND. */
export async function startDovecot(folder: string, messages: number): Promise<MailboxPeer | string> {
  if (process.getuid?.() !== 0) return "Dovecot can only be started by root";
  if (!existsSync(DOVECOT)) return "Dovecot is not installed (Debian package dovecot-imapd)";
  const { imaps: port } = await freePorts();
  const configuration = await configure(folder, port);
  const server = spawn(DOVECOT, ["-F", "-c", configuration], { stdio: "ignore" });
  const kill = (): void => void server.kill("SIGTERM");
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    process.off("exit", kill);
    if (server.exitCode !== null) return;
    const ended = new Promise(resolve => server.once("exit", resolve));
    kill();
    await ended;
  };
  const peer = { name: "Dovecot", port, user: "alice@scop.test", password: "scop", pid: server.pid ?? -1, stop };
  const isFilled = await fill(peer, messages);
  if (isFilled) return peer;
  await stop();
  return "Dovecot did not open its port";
}

async function configure(folder: string, port: number): Promise<string> {
  await chmod(folder, 0o755);
  for (const each of ["mail", "run"]) await mkdir(join(folder, each));
  execFileSync("chown", ["mail:mail", join(folder, "mail")]);
  const { certificate, key } = await selfSigned({ names: ["localhost"], now: Date.now() });
  await writeFile(join(folder, "cert.pem"), certificate);
  await writeFile(join(folder, "key.pem"), key, { mode: 0o600 });
  const path = join(folder, "dovecot.conf");
  await writeFile(path, configurationOf(folder, port));
  return path;
}

/** Without fsync, which filling would wait for and reading never does. */
function configurationOf(folder: string, port: number): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
mail_location = mdbox:~/mdbox
mail_fsync = never
first_valid_uid = 1
passdb {
  driver = static
  args = password=scop
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

async function fill(peer: MailboxPeer, messages: number): Promise<boolean> {
  for (let waited = 0; waited < START_MS_MAX; waited += POLL_MS) {
    const socket = await dialImap(peer.port, peer.user, peer.password).catch(() => undefined);
    if (socket === undefined) {
      await sleep(POLL_MS);
      continue;
    }
    for (let done = 0; done < messages; done += FILL_MESSAGES) {
      const parts = Array.from({ length: Math.min(FILL_MESSAGES, messages - done) }, (_, index) => {
        const { bytes, flags } = mailOf(done + index);
        return Buffer.concat([Buffer.from(` (${flags.join(" ")}) {${bytes.length}+}\r\n`), bytes]);
      });
      await socket.run(Buffer.concat([Buffer.from("APPEND INBOX"), ...parts]));
    }
    socket.close();
    return true;
  }
  return false;
}
