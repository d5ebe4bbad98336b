import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./runs.ts";

/** A program that tests run against, and the Debian packages it comes in. */
interface Tool {
  readonly command: string;
  readonly debianPackages: readonly string[];
  readonly usedFor: string;
}

/**
 * Exim is taken out of its package and not installed: Debian lets only one of it and Postfix be there. The libraries that it needs may be.
 */
const EXIM = {
  debianPackage: "exim4-daemon-light",
  libraries: ["libdb5.3", "libgnutls-dane0", "libidn12", "libnsl2"],
  folder: join(ROOT, "node_modules/.cache/exim"),
} as const;

/** Where Exim is after `prepareTools`, if it could be had. */
export const EXIM_PROGRAM: string = join(EXIM.folder, "usr/sbin/exim4");

const TOOLS: readonly Tool[] = [
  { command: "swaks", debianPackages: ["swaks", "libnet-ssleay-perl"], usedFor: "sending mail with another client" },
  { command: "curl", debianPackages: ["curl"], usedFor: "SMTP and IMAP with another client" },
  { command: "python3", debianPackages: ["python3", "python3-venv"], usedFor: "smtplib and imaplib" },
  { command: "openssl", debianPackages: ["openssl"], usedFor: "TLS with another client" },
  { command: "strace", debianPackages: ["strace"], usedFor: "watching the order of fsync and reply" },
  { command: "nsd", debianPackages: ["nsd"], usedFor: "names of our own, signed" },
  { command: "unbound", debianPackages: ["unbound"], usedFor: "a resolver that validates" },
  { command: "ldns-signzone", debianPackages: ["ldnsutils"], usedFor: "signing zones" },
  {
    command: "dkimverify",
    debianPackages: ["python3-dkim", "python3-nacl", "python3-authres"],
    usedFor: "other verdicts about signatures",
  },
  {
    command: "opendkim-testkey",
    debianPackages: ["opendkim", "opendkim-tools", "libopendkim-dev"],
    usedFor: "other verdicts about signatures",
  },
  { command: "gcc", debianPackages: ["gcc", "libc6-dev"], usedFor: "the driver of libopendkim" },
  { command: "postfix", debianPackages: ["postfix"], usedFor: "another server, and smtp-source as a load" },
  {
    command: "dovecot",
    debianPackages: ["dovecot-core", "dovecot-imapd", "dovecot-lmtpd"],
    usedFor: "another server, in crash runs and of large mailboxes",
  },
  { command: "mbsync", debianPackages: ["isync"], usedFor: "reading mail with other programs" },
  { command: "fetchmail", debianPackages: ["fetchmail"], usedFor: "reading mail with other programs" },
  { command: "getmail", debianPackages: ["getmail6"], usedFor: "reading mail with other programs" },
  { command: "neomutt", debianPackages: ["neomutt"], usedFor: "reading and sending mail with other programs" },
  { command: "offlineimap", debianPackages: ["offlineimap3"], usedFor: "reading mail with other programs" },
  { command: "fiu-ctrl", debianPackages: ["fiu-utils", "libfiu0"], usedFor: "disks that fail" },
  { command: "faketime", debianPackages: ["faketime", "libfaketime"], usedFor: "clocks that jump" },
  { command: "mkfs.ext4", debianPackages: ["e2fsprogs"], usedFor: "cutting the power of a file system" },
  { command: "mkfs.xfs", debianPackages: ["xfsprogs"], usedFor: "cutting the power of a file system" },
  { command: "qemu-system-x86_64", debianPackages: ["qemu-system-x86"], usedFor: "running images of unikernels" },
  { command: "objdump", debianPackages: ["binutils"], usedFor: "reading the instructions of images" },
  { command: "chromium", debianPackages: ["chromium"], usedFor: "reading and composing in a browser's worker" },
];

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Whether a command is on the path or among those of the system. */
export function isInstalled(command: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  return folders.some(folder => isExecutable(join(folder, command)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command with its output shown; whether it exited with 0. `RUNLEVEL=1` keeps packages from starting their daemons. */
function run(command: string, args: readonly string[], folder: string = ROOT): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  return spawnSync(command, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}

/** Installs on Debian, as root, what is missing of the tools; otherwise says what it would install. Tests without their tool skip themselves. */
export function prepareTools(): void {
  const mayInstall = process.getuid?.() === 0 && existsSync("/etc/debian_version");
  const missing = TOOLS.filter(tool => !isInstalled(tool.command));
  if (missing.length > 0) installTools(missing, mayInstall);
  if (mayInstall && !existsSync(EXIM_PROGRAM)) unpackExim();
}

function installTools(missing: readonly Tool[], mayInstall: boolean): void {
  const packages = missing.flatMap(tool => tool.debianPackages);
  if (mayInstall) {
    console.log(`installing ${packages.join(", ")}`);
    run("apt-get", ["update", "-q"]);
    run("apt-get", ["install", "-y", "-q", ...packages]);
    if (packages.includes("postfix") && isInstalled("postfix")) run("postfix", ["stop"]);
  }
  for (const { command, debianPackages, usedFor } of missing.filter(tool => !isInstalled(tool.command))) {
    const why = mayInstall
      ? "could not be installed"
      : `would be installed from ${debianPackages.join(" and ")} by root on Debian`;
    console.log(`not found: ${command} (${usedFor}); it ${why}; tests that need it are skipped`);
  }
}

function unpackExim(): void {
  console.log(`unpacking ${EXIM.debianPackage}`);
  mkdirSync(EXIM.folder, { recursive: true });
  run("apt-get", ["install", "-y", "-q", "--no-upgrade", ...EXIM.libraries]);
  const downloaded = run("apt-get", ["download", "-q", EXIM.debianPackage], EXIM.folder);
  const archives = readdirSync(EXIM.folder).filter(name => name.endsWith(".deb"));
  const unpacked = archives.every(name => run("dpkg-deb", ["-x", join(EXIM.folder, name), EXIM.folder]));
  if (!downloaded || !unpacked)
    console.log("not found: exim4; its package could not be had; tests that need it are skipped");
}

/** The release of Synapse that tests and measurements run beside us, and what it reaches PostgreSQL with. */
const SYNAPSE = {
  requirements: ["matrix-synapse==1.163.2", "psycopg2-binary==2.9.13"],
  folder: join(ROOT, "node_modules/.cache/synapse"),
} as const;

/** A Python that has Synapse, after `prepareSynapse`, if it could be had. */
export const SYNAPSE_PYTHON: string = join(SYNAPSE.folder, "bin/python");

/** Installs Synapse from its Python package into a folder of its own. Whether it is there. */
export function prepareSynapse(): boolean {
  const isThere = (): boolean => isExecutable(join(SYNAPSE.folder, "bin/synapse_homeserver"));
  if (isThere()) return true;
  console.log(`installing ${SYNAPSE.requirements.join(", ")}`);
  const made = run("python3", ["-m", "venv", SYNAPSE.folder]);
  if (made) run(SYNAPSE_PYTHON, ["-m", "pip", "install", "-q", "--only-binary=:all:", ...SYNAPSE.requirements]);
  return isThere();
}

/** Installs the peers that the measurements and some tests run beside us. Whether they are there. */
export function preparePeers(): boolean {
  if (existsSync(join(ROOT, "bench/node_modules"))) return true;
  console.log("installing the peers of bench/");
  return run("npm", ["ci", "--prefix", "bench"]);
}
