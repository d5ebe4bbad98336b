import { type ForwardPath, isAsciiMailbox, parseMailbox, type ReversePath } from "@scop/address";
import { type Problem, problem } from "@scop/mta/parts";
import type { Log, Metrics, Platform } from "@scop/platform";
import type { ClientTimeouts } from "@scop/smtp";
import { assert, Secret, utf8Bytes } from "@scop/wire";
import { nodePlatform } from "../node-platform.ts";
import { type SenderLimits, senderLimits } from "./limits.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";
import { SenderPool } from "./sender-pool.ts";
import type { Delivery, DsnOptions, Parcel } from "./transact.ts";

/** One server that takes all mail. A password needs verified TLS, and does not compile without. */
export type SenderHost = {
  /** A host name or an IP address. */
  readonly host: string;
  readonly port: number;
} & (
  | {
      /** `require`: by STARTTLS, as on port 587. `implicit`: from the first octet, as on port 465. Verified, both. */
      readonly tls: "require" | "implicit";
      readonly credentials?: { readonly username: string; readonly password: string };
    }
  /** Where it works, whoever the certificate names (RFC 7435); or in the clear. */
  | { readonly tls: "opportunistic" | "never" }
);

/** How to send mail. */
export interface SenderOptions {
  /** Our name, in EHLO: what the address that we come from leads back to. */
  readonly hostname: string;
  /** The server that takes everything. Default: the mail exchangers of each recipient's domain, with opportunistic TLS. RFC 5321 5.1 */
  readonly via?: SenderHost;
  /** Certificates (PEM) to believe, in place of those that Node comes with. */
  readonly trust?: string;
  /** What is left out has its default. */
  readonly limits?: Partial<SenderLimits>;
  /** What is left out is as RFC 5321 4.5.3.2 says. */
  readonly timeouts?: Partial<ClientTimeouts>;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** What to send. */
export interface OutgoingMail {
  /** The address that reports go to; undefined for mail that nobody may answer by a report. */
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly message: OutgoingMessage;
  readonly dsn?: DsnOptions;
}

/** A recipient that a server took the message for: which server, in what words. */
export interface Delivered extends Delivery {
  readonly recipient: string;
}

/** A recipient that did not get the message: who has to mend what, and whether it is worth another try. */
export interface SendFailure extends Problem {
  readonly recipient: string;
}

/** What became of each recipient, in the order of `to`. */
export interface SendReport {
  readonly delivered: readonly Delivered[];
  readonly failed: readonly SendFailure[];
}

/** Sends mail over connections that are used again. */
export interface MailSender {
  /**
   * Sends one message, and answers when the fate of each recipient is known. Never rejects. It tries once: where it ends in a `temporary` failure,
   * trying again is the caller's. A message that was lost before the server could take it is given again by itself.
   */
  send(mail: OutgoingMail): Promise<SendReport>;
  /** Resolves when another `send` is taken at once, which past `waitingMax` it is not. Wait for it before each to bound what is held. */
  room(): Promise<void>;
  /** Takes nothing new, ends what is under way, says goodbye to every server. */
  close(): Promise<void>;
}

/** A sender. It connects when there is something to send. Throws where a limit can't be. */
export function createSender(options: SenderOptions): MailSender {
  const { log, metrics, trust } = options;
  return senderOver(
    nodePlatform({ ...(log && { log }), ...(metrics && { metrics }), ...(trust && { trust }) }),
    options,
  );
}

/** A sender with the capabilities that it is given. */
export function senderOver(io: Platform, options: SenderOptions): MailSender {
  const { hostname, via, timeouts = {} } = options;
  const limits = { ...senderLimits, ...options.limits };
  for (const [name, value] of Object.entries(limits)) assert(value >= 1, `${name} is at least 1`);
  const relay = via && {
    host: via.host,
    port: via.port,
    tls: via.tls,
    ...("credentials" in via && via.credentials && { credentials: secretOf(via.credentials) }),
  };
  const pool = new SenderPool(io, { hostname, relay, limits, timeouts });
  return {
    send: mail => send(pool, mail, limits.transactionRecipientsMax, relay === undefined ? "by domain" : "together"),
    room: () => pool.room(),
    close: () => pool.close(),
  };
}

function secretOf({ username, password }: { readonly username: string; readonly password: string }) {
  return { username, password: new Secret(utf8Bytes(password)) };
}

/** A recipient that can be sent to. */
interface Addressed {
  readonly at: number;
  readonly path: ForwardPath;
  readonly domain: string;
  readonly ascii: boolean;
}

async function send(
  pool: SenderPool,
  mail: OutgoingMail,
  recipientsMax: number,
  how: "by domain" | "together",
): Promise<SendReport> {
  const fates: (Delivery | Problem | undefined)[] = mail.to.map(() => undefined);
  const from = reversePathOf(mail.from);
  const addressed = mail.to.flatMap((text, at): readonly Addressed[] => {
    const mailbox = parseMailbox(text);
    if (!mailbox.ok) fates[at] = problem("permanent", "5.1.3", `${text} is no address`, "caller");
    else if (from === undefined) fates[at] = problem("permanent", "5.1.7", `${mail.from} is no address`, "caller");
    if (!mailbox.ok || from === undefined) return [];
    const { value } = mailbox;
    return [{ at, path: { kind: "mailbox", mailbox: value }, domain: value.domain, ascii: isAsciiMailbox(value) }];
  });
  const groups = Map.groupBy(addressed, ({ domain }) => (how === "together" ? "" : domain));
  await new Promise<void>(resolve => {
    let open = addressed.length;
    if (open === 0) resolve();
    for (const [destination, members] of groups) {
      for (let start = 0; start < members.length; start += recipientsMax) {
        const group = members.slice(start, start + recipientsMax);
        const parcel: Parcel = {
          message: mail.message,
          dsn: mail.dsn,
          from: from!,
          recipients: group.map(({ path }) => path),
          utf8: isUtf8(from!) || group.some(({ ascii }) => !ascii),
          settle: (index, fate) => {
            fates[group[index]!.at] = fate;
            open -= 1;
            if (open === 0) resolve();
          },
        };
        pool.take(destination, parcel);
      }
    }
  });
  return reportOf(mail.to, fates);
}

function reversePathOf(from: string | undefined): ReversePath | undefined {
  if (from === undefined) return { kind: "null" };
  const mailbox = parseMailbox(from);
  return mailbox.ok ? { kind: "mailbox", mailbox: mailbox.value } : undefined;
}

function isUtf8(path: ReversePath): boolean {
  return path.kind === "mailbox" && !isAsciiMailbox(path.mailbox);
}

function reportOf(to: readonly string[], fates: readonly (Delivery | Problem | undefined)[]): SendReport {
  const delivered: Delivered[] = [];
  const failed: SendFailure[] = [];
  for (const [at, fate] of fates.entries()) {
    const recipient = to[at]!;
    assert(fate !== undefined, "each recipient has a fate");
    if ("host" in fate) delivered.push({ recipient, ...fate });
    else failed.push({ recipient, ...fate });
  }
  return { delivered, failed };
}
