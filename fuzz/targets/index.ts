import type { Targets } from "@scop/fuzz";

/** Every target, by the name that the command line knows. */
export const TARGETS: Targets = {
  address: () => import("./address.ts"),
  header: () => import("./header.ts"),
  mime: () => import("./mime.ts"),
  "mime-strict": () => import("./mime-strict.ts"),
  "mime-stream": () => import("./mime-stream.ts"),
  "mime-compose": () => import("./mime-compose.ts"),
  encodings: () => import("./encodings.ts"),
  "smtp-server": () => import("./smtp-server.ts"),
  "smtp-client": () => import("./smtp-client.ts"),
  sasl: () => import("./sasl.ts"),
  "imap-command": () => import("./imap-command.ts"),
  "imap-session": () => import("./imap-session.ts"),
  dns: () => import("./dns.ts"),
  "dns-zone": () => import("./dns-zone.ts"),
  spf: () => import("./spf.ts"),
  dkim: () => import("./dkim.ts"),
  authentication: () => import("./authentication.ts"),
  dmarc: () => import("./dmarc.ts"),
  "dmarc-report": () => import("./dmarc-report.ts"),
  published: () => import("./published.ts"),
  "tls-policy": () => import("./tls-policy.ts"),
  "matrix-json": () => import("./matrix-json.ts"),
  "matrix-event": () => import("./matrix-event.ts"),
};
