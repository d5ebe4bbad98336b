import type { ScramVerifier } from "@scop/sasl";
import { assert } from "@scop/wire";
import type { AccountId, ChangeResults, Refusal } from "../index.ts";
import { dropBlob } from "./blob-rows.ts";
import { forgetLogins } from "./logins.ts";
import { forgetMailLinks } from "./mail-links.ts";
import { createMailbox, deleteMailboxRows } from "./mailboxes.ts";
import { forgetMedia } from "./media.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function addDomain(work: Work, { domain }: ChangeOf<"add-domain">): object | Refusal {
  const added = work.db.run("INSERT INTO domain VALUES (?, ?) ON CONFLICT DO NOTHING", domain, work.now);
  return added === 1 ? DONE : "exists";
}

export function removeDomain(work: Work, { domain }: ChangeOf<"remove-domain">): object | Refusal {
  if (!hasDomain(work, domain)) return "missing";
  const used = work.db.get(
    "SELECT 1 FROM account WHERE domain = ?1 UNION ALL SELECT 1 FROM alias WHERE domain = ?1 LIMIT 1",
    domain,
  );
  if (used !== undefined) return "in-use";
  work.db.run("DELETE FROM domain WHERE name = ?", domain);
  return DONE;
}

export function addAccount(
  work: Work,
  { address, verifier, mailboxes }: ChangeOf<"add-account">,
): ChangeResults["add-account"] | Refusal {
  const domain = domainOf(address);
  if (!hasDomain(work, domain)) return "missing";
  if (hasAccount(work, address) || hasAlias(work, address)) return "exists";
  const account = work.state.next("account") as AccountId;
  work.db.run(
    `INSERT INTO account (id, address, domain, inbox, modseq, salt, iterations, stored_key, server_key, created)
     VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?, ?)`,
    account,
    address,
    domain,
    verifier.salt,
    verifier.iterations,
    verifier.storedKey,
    verifier.serverKey,
    work.now,
  );
  const inbox = createMailbox(work, account, "INBOX", undefined, true);
  assert(inbox !== "exists", "a new account has no mailbox");
  work.db.run("UPDATE account SET inbox = ? WHERE id = ?", inbox.mailbox, account);
  for (const { name, specialUse } of mailboxes) {
    if (createMailbox(work, account, name, specialUse, true) === "exists") return "exists";
  }
  return { account };
}

export function setVerifier(work: Work, { account, verifier }: ChangeOf<"set-verifier">): object | Refusal {
  return changeVerifier(work, account, verifier) === 1 ? DONE : "missing";
}

export function setQuota(work: Work, { account, quota }: ChangeOf<"set-quota">): object | Refusal {
  const changed = work.db.run(
    "UPDATE account SET quota_octets = ?, quota_messages = ? WHERE id = ?",
    quota.octets ?? null,
    quota.messages ?? null,
    account,
  );
  return changed === 1 ? DONE : "missing";
}

export function removeAccount(work: Work, { account }: ChangeOf<"remove-account">): object | Refusal {
  if (work.db.get("SELECT 1 FROM account WHERE id = ?", account) === undefined) return "missing";
  const mailboxes = work.db.all<{ id: number }>("SELECT id FROM mailbox WHERE account = ?", account);
  for (const { id } of mailboxes) {
    for (const { blob } of work.db.all<{ blob: number }>("SELECT blob FROM entry WHERE mailbox = ?", id)) {
      dropBlob(work, blob);
    }
    deleteMailboxRows(work, id, account);
  }
  work.db.run("DELETE FROM retired_name WHERE account = ?", account);
  work.db.run("DELETE FROM subscription WHERE account = ?", account);
  work.db.run("DELETE FROM threaded WHERE account = ?", account);
  work.db.run("DELETE FROM thread_name WHERE account = ?", account);
  forgetMedia(work, account);
  forgetLogins(work, account);
  forgetMailLinks(work, account);
  work.db.run("DELETE FROM account WHERE id = ?", account);
  work.touched.accounts.add(account);
  return DONE;
}

export function putAlias(work: Work, { address, targets }: ChangeOf<"put-alias">): object | Refusal {
  const domain = domainOf(address);
  if (!hasDomain(work, domain)) return "missing";
  if (hasAccount(work, address)) return "exists";
  work.db.run(
    "INSERT INTO alias (address, domain, targets) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET targets = excluded.targets",
    address,
    domain,
    JSON.stringify(targets),
  );
  return DONE;
}

export function removeAlias(work: Work, { address }: ChangeOf<"remove-alias">): object | Refusal {
  return work.db.run("DELETE FROM alias WHERE address = ?", address) === 1 ? DONE : "missing";
}

function changeVerifier(
  work: Work,
  account: AccountId,
  { salt, iterations, storedKey, serverKey }: ScramVerifier,
): number {
  return work.db.run(
    "UPDATE account SET salt = ?, iterations = ?, stored_key = ?, server_key = ? WHERE id = ?",
    salt,
    iterations,
    storedKey,
    serverKey,
    account,
  );
}

function hasDomain(work: Work, domain: string): boolean {
  return work.db.get("SELECT 1 FROM domain WHERE name = ?", domain) !== undefined;
}

function hasAccount(work: Work, address: string): boolean {
  return work.db.get("SELECT 1 FROM account WHERE address = ?", address) !== undefined;
}

function hasAlias(work: Work, address: string): boolean {
  return work.db.get("SELECT 1 FROM alias WHERE address = ?", address) !== undefined;
}

/** What is after the last `@`: a quoted local part may have more of them. */
function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
