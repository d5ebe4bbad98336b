import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { selfSigned } from "@scop/node-host/self-signed";
import { EXIM_PROGRAM } from "../../../../scripts/tools.ts";
import { type PeerSetup, type TransferPeer, transferTests } from "./transfer.ts";

const START_MS_MAX = 10_000;
const POLL_MS = 50;
/** Of nobody, as whom it delivers. */
const NOBODY = 65_534;

transferTests("Exim", whyNot(), startExim);

/** Debian's Exim wants a user and a group of its own, which are put into copies of the lists that only it sees: that takes root and a mount. */
function whyNot(): string | false {
  if (!existsSync(EXIM_PROGRAM))
    return "Exim is not there: as root on Debian, npm run test:all takes it out of its package";
  if (process.getuid?.() !== 0) return "Exim can only be started by root";
  try {
    execFileSync("unshare", ["--mount", "mount", "--bind", "/etc/passwd", "/etc/passwd"], { stdio: "ignore" });
    return false;
  } catch {
    return "a mount in a namespace of its own is not possible here";
  }
}

async function startExim(setup: PeerSetup): Promise<TransferPeer | string> {
  const { folder, port } = setup;
  const { certificate, key } = await selfSigned({ names: ["localhost"], now: Date.now() });
  await writeFile(join(folder, "cert.pem"), certificate);
  await writeFile(join(folder, "key.pem"), key);
  await writeFile(join(folder, "exim.conf"), configuration(setup));
  for (const name of ["spool", "logs"]) {
    await mkdir(join(folder, name));
    await chmod(join(folder, name), 0o777);
  }
  const [users, groups, program] = [join(folder, "passwd"), join(folder, "group"), programOf(folder)];
  await copyFile("/etc/passwd", users);
  await appendFile(users, `Debian-exim:x:${NOBODY}:${NOBODY}::/nonexistent:/usr/sbin/nologin\n`);
  await copyFile("/etc/group", groups);
  await appendFile(groups, `Debian-exim:x:${NOBODY}:\n`);
  await copyFile(EXIM_PROGRAM, program);
  const script = `mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && exec "$3" -C "$4" -bdf -q1s`;
  const names = [users, groups, program, join(folder, "exim.conf")];
  const child = spawn("unshare", ["--mount", "sh", "-c", script, "sh", ...names], { stdio: "ignore" });
  const ended = once(child, "exit");
  process.once("exit", () => child.kill("SIGKILL"));
  if (!(await opens(child, port))) return "Exim did not open its port";
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** A copy that whoever it becomes can reach, wherever this checkout is. */
function programOf(folder: string): string {
  return join(folder, "exim4");
}

async function opens(child: ChildProcess, port: number): Promise<boolean> {
  for (let waited = 0; waited < START_MS_MAX && child.exitCode === null; waited += POLL_MS) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = connect(port, "127.0.0.1");
      socket.once("data", () => socket.end(() => resolve(true))).once("error", () => resolve(false));
    });
    if (isOpen) return true;
    await sleep(POLL_MS);
  }
  return false;
}

function configuration({ folder, port, scopPort, maildir }: PeerSetup): string {
  return `
primary_hostname = mx.peer.test
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
spool_directory = ${folder}/spool
log_file_path = ${folder}/logs/%s
pid_file_path = ${folder}/exim.pid
exim_path = ${programOf(folder)}
never_users =
host_lookup =
rfc1413_query_timeout = 0s
disable_ipv6 = true
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
tls_advertise_hosts = *
dsn_advertise_hosts = *
accept_8bitmime = true
acl_smtp_rcpt = check_recipient

begin acl
check_recipient:
  accept domains = scop.test
  accept domains = peer.test
         verify = recipient
  deny message = 5.1.1 no such user

begin routers
to_scop:
  driver = manualroute
  domains = scop.test
  route_list = * 127.0.0.1
  self = send
  transport = to_scop
here:
  driver = accept
  domains = peer.test
  local_parts = user : eve
  transport = maildir

begin transports
to_scop:
  driver = smtp
  port = ${scopPort}
  allow_localhost
  hosts_try_fastopen =
maildir:
  driver = appendfile
  directory = ${maildir}
  maildir_format
  mode = 0644
  user = ${NOBODY}
  group = ${NOBODY}

begin retry
* * F,1h,1s
`;
}
