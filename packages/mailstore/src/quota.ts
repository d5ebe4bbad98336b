import type { QuotaUsage } from "@scop/imap";
import type { AccountRecord, Quota } from "@scop/store";

/** What an account has and may have; `usual` are the limits of one that has none of its own. RFC 9208 5 */
export function quotaOf({ quota, usage }: AccountRecord, usual: Quota): QuotaUsage {
  return {
    octets: { used: usage.octets, limit: quota.octets ?? usual.octets },
    messages: { used: usage.messages, limit: quota.messages ?? usual.messages },
  };
}

/** Whether so many messages and octets more may come. */
export function hasRoom(account: AccountRecord, usual: Quota, moreMessages: number, moreOctets: number): boolean {
  const { octets, messages } = quotaOf(account, usual);
  const fits = octets.used + moreOctets <= (octets.limit ?? Number.POSITIVE_INFINITY);
  return fits && messages.used + moreMessages <= (messages.limit ?? Number.POSITIVE_INFINITY);
}
