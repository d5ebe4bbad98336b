import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { selfSigned } from "@scop/node-host/self-signed";
import { dialPlain } from "../../../crash/line-socket.ts";
import { freePorts } from "../../../crash/server-process.ts";
import { PASSWORD } from "../server.ts";

/** A Dovecot with a configuration and mail of its own. */
export interface Dovecot {
  /** With TLS from the first octet. */
  readonly port: number;
  readonly certificate: Buffer;
  stop(): Promise<void>;
}

const START_MS_MAX = 10_000;
const POLL_MS = 50;
/** Of nobody, as whom it keeps mail. */
const NOBODY = 65_534;

/** Starts it, with whatever user and the password of the tests; a string is why it can't be started here. */
export async function startDovecot(): Promise<Dovecot | string> {
  const folder = await mkdtemp(join(tmpdir(), "scop-dovecot-"));
  await chmod(folder, 0o755);
  await mkdir(join(folder, "home"));
  await chmod(join(folder, "home"), 0o777);
  const { certificate, key } = await selfSigned({ names: ["localhost", "127.0.0.1"], now: Date.now() });
  await writeFile(join(folder, "cert.pem"), certificate);
  await writeFile(join(folder, "key.pem"), key);
  const { imap, imaps } = await freePorts();
  await writeFile(join(folder, "dovecot.conf"), configuration(folder, imap, imaps));
  const child = spawn("dovecot", ["-F", "-c", join(folder, "dovecot.conf")], {
    stdio: "ignore",
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin`, TZ: "UTC" },
  });
  const ended = once(child, "exit");
  process.once("exit", () => child.kill("SIGKILL"));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let waited = 0; waited < START_MS_MAX && child.exitCode === null; waited += POLL_MS) {
    const greeted = await dialPlain(imap)
      .then(async socket => {
        const line = await socket.line();
        socket.close();
        return line.startsWith("* OK");
      })
      .catch(() => false);
    if (greeted) return { port: imaps, certificate: Buffer.from(certificate), stop };
    await sleep(POLL_MS);
  }
  const log = await readFile(join(folder, "log"), "utf8").catch(() => "");
  if (child.exitCode === null) await stop();
  return `Dovecot did not open its port: ${log}`;
}

function configuration(folder: string, imap: number, imaps: number): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = sdbox:~/mail
mail_attachment_min_size = 0
first_valid_uid = 1
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${NOBODY} gid=${NOBODY} home=${folder}/home/%u
}
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox INBOX {
    auto = subscribe
  }
  mailbox Archive {
    auto = subscribe
    special_use = \\Archive
  }
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox Junk {
    auto = subscribe
    special_use = \\Junk
  }
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \\Trash
  }
}
`;
}
