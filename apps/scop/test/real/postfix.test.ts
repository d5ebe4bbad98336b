import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { selfSigned } from "@scop/node-host/self-signed";
import { runPostfix, SERVICES } from "../../../../bench/peers/postfix.ts";
import { missing } from "./program.ts";
import { type PeerSetup, type TransferPeer, transferTests } from "./transfer.ts";

const skip =
  missing("postconf", "-d", /mail_version/) ||
  (process.getuid?.() === 0 ? false : "Postfix can only be started by root");

transferTests("Postfix", skip, startPostfix);

async function startPostfix({ folder, port, scopPort }: PeerSetup): Promise<TransferPeer | string> {
  const own = join(folder, "postfix");
  await mkdir(own);
  const { certificate, key } = await selfSigned({ names: ["localhost"], now: Date.now() });
  await writeFile(join(folder, "tls.pem"), `${key}${certificate}`, { mode: 0o600 });
  await writeFile(join(folder, "boxes"), "user@peer.test Maildir/\n");
  await writeFile(join(folder, "transport"), `scop.test smtp:[127.0.0.1]:${scopPort}\n`);
  const settings = {
    myhostname: "mx.peer.test",
    relay_domains: "scop.test",
    relay_transport: "smtp",
    transport_maps: `texthash:${join(folder, "transport")}`,
    virtual_mailbox_domains: "peer.test",
    virtual_mailbox_maps: `texthash:${join(folder, "boxes")}`,
    virtual_mailbox_base: folder,
    virtual_uid_maps: "static:65534",
    virtual_gid_maps: "static:65534",
    smtpd_tls_chain_files: join(folder, "tls.pem"),
    smtpd_tls_security_level: "may",
    smtp_tls_security_level: "may",
  };
  const services = [
    ...SERVICES,
    "smtp unix - - n - - smtp",
    "relay unix - - n - - smtp",
    "virtual unix - n n - - virtual",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
  ];
  return runPostfix(own, settings, services, port);
}
