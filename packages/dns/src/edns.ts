import { assert, utf8Bytes, utf8Lossy } from "@scop/wire";
import type { MessageWriter } from "./message-writer.ts";
import { Reader } from "./reader.ts";

/** An option of EDNS. `other`: one that is not understood, or malformed; its octets as they came. */
export type EdnsOption =
  /** Eight octets that the client chose, and 8 to 32 of the server's where it gave some. RFC 7873 4 */
  | { readonly option: "cookie"; readonly client: Uint8Array; readonly server: Uint8Array | undefined }
  /** Why an answer is as it is; `text` is the server's, for people. RFC 8914 2 */
  | { readonly option: "extended-error"; readonly code: number; readonly text: string }
  | { readonly option: "other"; readonly code: number; readonly octets: Uint8Array };

/** What a message says beyond its header. RFC 6891 6.1 */
export interface Edns {
  /** Octets of a datagram that its sender takes. */
  readonly udpOctets: number;
  readonly version: number;
  /** Signatures are welcome. RFC 3225 3 */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

/** RFC 6891 6.1.1 */
export const OPT_CODE = 41;

const COOKIE = 10;
const EXTENDED_ERROR = 15;
const CLIENT_COOKIE_OCTETS = 8;
const SERVER_COOKIE_OCTETS_MIN = 8;
const SERVER_COOKIE_OCTETS_MAX = 32;

function isCookie(octets: number): boolean {
  const server = octets - CLIENT_COOKIE_OCTETS;
  return server === 0 || (server >= SERVER_COOKIE_OCTETS_MIN && server <= SERVER_COOKIE_OCTETS_MAX);
}

function optionOf(code: number, octets: Uint8Array): EdnsOption {
  if (code === COOKIE && isCookie(octets.length)) {
    const server = octets.subarray(CLIENT_COOKIE_OCTETS);
    return {
      option: "cookie",
      client: octets.subarray(0, CLIENT_COOKIE_OCTETS),
      server: server.length === 0 ? undefined : server,
    };
  }
  if (code === EXTENDED_ERROR && octets.length >= 2) {
    // RFC 8914 2: the text may end in a NUL
    const text = utf8Lossy(octets.subarray(2)).replace(/\0+$/, "");
    return { option: "extended-error", code: octets[0]! * 256 + octets[1]!, text };
  }
  return { option: "other", code, octets };
}

/** The options of an OPT record's data; undefined where they are cut off. */
export function readOptions(data: Uint8Array): readonly EdnsOption[] | undefined {
  const from = new Reader(data);
  const options: EdnsOption[] = [];
  while (from.at < from.end) options.push(optionOf(from.u16(), from.octets(from.u16())));
  return from.fault === undefined ? options : undefined;
}

/** Writes the OPT record. `extendedRcode`: the upper eight bits of the message's code. RFC 6891 6.1.3 */
export function writeOpt(to: MessageWriter, edns: Edns, extendedRcode: number): void {
  to.u8(0).u16(OPT_CODE).u16(edns.udpOctets).u8(extendedRcode).u8(edns.version);
  to.u16(edns.dnssecOk ? 0x8000 : 0);
  to.withLength(() => {
    for (const option of edns.options) writeOption(to, option);
  });
}

function writeOption(to: MessageWriter, option: EdnsOption): void {
  switch (option.option) {
    case "cookie": {
      const server = option.server ?? new Uint8Array(0);
      assert(
        option.client.length === CLIENT_COOKIE_OCTETS && isCookie(option.client.length + server.length),
        "a cookie has 8 octets of the client's and none or 8 to 32 of the server's",
      );
      to.u16(COOKIE).withLength(() => to.bytes(option.client).bytes(server));
      return;
    }
    case "extended-error":
      to.u16(EXTENDED_ERROR).withLength(() => to.u16(option.code).bytes(utf8Bytes(option.text)));
      return;
    default:
      to.u16(option.code).withLength(() => to.bytes(option.octets));
  }
}
