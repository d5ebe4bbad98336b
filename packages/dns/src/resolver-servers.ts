import { type IpText, parseIp } from "@scop/wire";
import type { ResolverServer } from "./resolver-state.ts";

const DNS_PORT = 53;
/** A forwarder of Docker's: it passes on what others say, so that its AD flag is nobody's word. */
const FORWARDER = "127.0.0.11";

function isLoopback(address: IpText): boolean {
  return address === "::1" || (address.startsWith("127.") && address !== FORWARDER);
}

/** Whether the operator's `options trust-ad` says that the path to the servers is safe. */
function trustsAd(resolvConf: string): boolean {
  return resolvConf.split("\n").some(line => /^options\s/.test(line) && /\strust-ad(?:\s|$)/.test(line));
}

/**
 * A server from its text: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:53`; undefined where it is none. It is trusted
 * where it is on this machine.
 */
export function parseResolver(text: string): ResolverServer | undefined {
  const [, bracketed, dotted, digits] = /^(?:\[([^\]]*)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  const read = parseIp(bracketed ?? dotted ?? text);
  const port = Number(digits ?? DNS_PORT);
  if (!read.ok || port < 1 || port > 65_535) return undefined;
  const address = read.value.text;
  return { address, port, transport: { by: "plain" }, word: isLoopback(address) ? "trusted" : "untrusted" };
}

/** The servers that texts as Node gives them name, all trusted where `resolvConf` says so. Without any, this machine is asked. */
export function resolversOf(texts: readonly string[], resolvConf: string): readonly ResolverServer[] {
  const servers = texts.map(parseResolver).filter(server => server !== undefined);
  if (servers.length === 0) return [parseResolver("127.0.0.1")!];
  return trustsAd(resolvConf) ? servers.map(server => ({ ...server, word: "trusted" })) : servers;
}
