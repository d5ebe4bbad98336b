import { missing } from "./program.ts";
import { ALICE, PASSWORD, type TestServer } from "./server.ts";
import { twoWayTests } from "./two-way.ts";

twoWayTests({
  name: "mbsync",
  skip: missing("mbsync", "--version", /isync/),
  messages: Number(process.env["SCOP_MBSYNC_MESSAGES"] ?? 2_000),
  configuration,
  command: file => ["mbsync", "-c", file, "-a"],
});

function configuration(server: TestServer, near: string): string {
  return `FSync no

IMAPAccount scop
Host localhost
Port ${server.ports.imaps}
User ${ALICE}
Pass ${PASSWORD}
SSLType IMAPS
CertificateFile ${server.certificate}

IMAPStore far
Account scop

MaildirStore near
Path ${near}/
Inbox ${near}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
`;
}
