import { parseDomain } from "@scop/address";

/** Where mail programs ask for their settings. */
export const AUTOCONFIG_PATH = "/mail/config-v1.1.xml";

/** Where the doors for mail programs are. */
interface MailDoors {
  readonly hostname: string;
  readonly ports: Readonly<Record<"submission" | "imap" | "imaps", number>>;
}

/**
 * The settings of mail programs for the domain for which `Host` asks, as Thunderbird and others read them; undefined where it is not served
 * here. Names of domains and hosts need no escapes in XML.
 */
export function autoconfigOf(
  host: string,
  domains: readonly string[],
  { hostname, ports }: MailDoors,
): string | undefined {
  const [, name] = /^autoconfig\.([^:]+)(?::[0-9]+)?$/i.exec(host) ?? [];
  const domain = parseDomain(name ?? "");
  if (!domain.ok || !domains.includes(domain.value)) return undefined;
  const server = (element: "incoming" | "outgoing", type: string, port: number, socket: "SSL" | "STARTTLS"): string =>
    [
      `    <${element}Server type="${type}">`,
      `      <hostname>${hostname}</hostname>`,
      `      <port>${port}</port>`,
      `      <socketType>${socket}</socketType>`,
      "      <authentication>password-cleartext</authentication>",
      "      <username>%EMAILADDRESS%</username>",
      `    </${element}Server>`,
    ].join("\n");
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<clientConfig version="1.1">',
    `  <emailProvider id="${domain.value}">`,
    `    <domain>${domain.value}</domain>`,
    `    <displayName>${domain.value}</displayName>`,
    server("incoming", "imap", ports.imaps, "SSL"),
    server("incoming", "imap", ports.imap, "STARTTLS"),
    server("outgoing", "smtp", ports.submission, "STARTTLS"),
    "  </emailProvider>",
    "</clientConfig>",
    "",
  ].join("\n");
}
