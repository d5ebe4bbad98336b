import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { find, latin1, latin1Bytes } from "@scop/wire";
import { UsageError } from "./fault.ts";

/** The octets of a file, or of standard input for `-`. */
export async function readInput(file: string): Promise<Uint8Array> {
  if (file === "-") return buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const CRLF = Uint8Array.of(13, 10);

/** A message as mail has it: files of this machine end lines with LF, mail with CRLF, and signatures are made of that. RFC 6376 5.3 */
export async function readMessage(file: string): Promise<Uint8Array> {
  const bytes = await readInput(file);
  return find(bytes, CRLF) >= 0 ? bytes : latin1Bytes(latin1(bytes).replaceAll("\n", "\r\n"));
}
