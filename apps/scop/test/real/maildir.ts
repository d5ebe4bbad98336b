import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ARRIVAL_MS_MAX = 15_000;
const POLL_MS = 100;

/** Every message of a Maildir, read or not, in the order of their file names. Programs keep mail as Unix text: line ends are made CRLF. */
export async function maildirMessages(maildir: string): Promise<readonly Buffer[]> {
  const paths: string[] = [];
  for (const folder of ["cur", "new"]) {
    const names = await readdir(join(maildir, folder)).catch(() => []);
    paths.push(...names.map(name => join(maildir, folder, name)));
  }
  return Promise.all(paths.sort().map(async path => withCrlf(await readFile(path))));
}

/** Waits for the message of a Maildir in which `marker` stands. */
export async function arrivedInMaildir(maildir: string, marker: string): Promise<Buffer> {
  for (let waited = 0; waited < ARRIVAL_MS_MAX; waited += POLL_MS) {
    const found = (await maildirMessages(maildir)).find(message => message.includes(marker));
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`nothing with ${marker} arrived in ${maildir} within ${ARRIVAL_MS_MAX} ms`);
}

/** LF alone becomes CRLF; nothing else is touched. */
function withCrlf(message: Buffer): Buffer {
  return Buffer.from(message.toString("latin1").replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"), "latin1");
}
