import { missing } from "./program.ts";
import { ALICE, PASSWORD, type TestServer } from "./server.ts";
import { twoWayTests } from "./two-way.ts";

twoWayTests({
  name: "offlineimap",
  skip: missing("offlineimap", "--version", /^\d/),
  messages: 60,
  configuration,
  command: file => ["offlineimap", "-c", file, "-u", "basic"],
});

function configuration(server: TestServer, near: string): string {
  return `[general]
accounts = alice
metadata = ${server.folder}/offlineimap
maxsyncaccounts = 1

[Account alice]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = ${near}
sep = /

[Repository far]
type = IMAP
remotehost = localhost
remoteport = ${server.ports.imaps}
remoteuser = ${ALICE}
remotepass = ${PASSWORD}
ssl = yes
sslcacertfile = ${server.certificate}
maxconnections = 1
`;
}
