import { createSender, type IncomingMessage, refuse, type SendReport, tryLater } from "../src/mail/index.ts";

declare const message: IncomingMessage;
declare const report: SendReport;

/** What must not compile. */
export function refused(): void {
  const host = { host: "smtp.example.org", port: 587 } as const;
  const credentials = { username: "ann", password: "secret" };
  createSender({ hostname: "c.example", via: { ...host, tls: "require", credentials } });
  // @ts-expect-error a password is sent over verified TLS alone
  createSender({ hostname: "c.example", via: { ...host, tls: "never", credentials } });
  // @ts-expect-error nor where TLS is a matter of luck
  createSender({ hostname: "c.example", via: { ...host, tls: "opportunistic", credentials } });
  // @ts-expect-error what is refused for good has a status of class 5
  refuse("No", "4.7.1");
  // @ts-expect-error and what is refused for now one of class 4
  tryLater("Later", "5.7.1");
  // @ts-expect-error a message is octets, and which charset a text has is the caller's to say
  message.text();
  // @ts-expect-error nobody is to blame for a delivery
  report.delivered[0]?.blame;
}
