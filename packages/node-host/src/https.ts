import type { ClientRequest } from "node:http";
import { type RequestOptions, request } from "node:https";
import type { Dns, Https, HttpsAnswer, HttpsFailure, HttpsPost, HttpsReceipt, HttpsRequest } from "@scop/platform";
import { isPublicIp, parseIp } from "@scop/wire";

/** `public`: addresses of the open Internet alone. `any`: for laboratories. A list: those of the open Internet, and these. */
export type ReachableAddresses = "public" | "any" | readonly string[];

/** Whether an address may be connected to. */
export function isReachable(text: string, addresses: ReachableAddresses): boolean {
  const read = parseIp(text);
  if (!read.ok) return false;
  if (addresses === "any" || isPublicIp(read.value)) return true;
  return addresses !== "public" && addresses.includes(read.value.text);
}

/** Whom the client may reach. */
interface HttpsOptions {
  readonly addresses: ReachableAddresses;
  readonly port: number;
  /** Certificates (PEM) that are believed in place of those that Node comes with. */
  readonly trust: string | undefined;
}

/** Documents over HTTPS from addresses that were checked before they are connected to: the connection goes to them, whatever the name says by then. */
export function nodeHttps(dns: Dns, options: HttpsOptions): Https {
  return {
    async get(wanted) {
      const found = await addressesOf(dns, options, wanted.host);
      return "got" in found ? found : fetchFrom(found, options, wanted);
    },
    async post(given) {
      const found = await addressesOf(dns, options, given.host);
      return "got" in found ? found : give(found, options, given);
    },
  };
}

function failure(kind: "certificate" | "other", detail: string): HttpsFailure {
  return { got: "failure", kind, detail };
}

/** Where a host may be connected to. */
async function addressesOf(dns: Dns, options: HttpsOptions, host: string): Promise<readonly string[] | HttpsFailure> {
  const answer = await dns.addresses(host);
  if (answer.found !== "records") return failure("other", `${host} has no address`);
  const addresses = answer.records.filter(address => isReachable(address, options.addresses));
  return addresses.length > 0 ? addresses : failure("other", `${host} is not on the open Internet`);
}

/** As `lookup` of Node, which gives what was found already. */
function lookupOf(addresses: readonly string[]): NonNullable<RequestOptions["lookup"]> {
  const found = addresses.map(address => ({ address, family: address.includes(":") ? 6 : 4 }));
  return (_host, { all }, done) => {
    if (all === true) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  };
}

function isAboutCertificate(error: Error & { readonly code?: string }): boolean {
  return /CERT|ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(error.code ?? "");
}

/** What every request has; the connection goes to one of the addresses. */
function optionsFor(addresses: readonly string[], options: HttpsOptions, host: string, path: string): RequestOptions {
  return {
    host,
    servername: host,
    port: options.port,
    path,
    agent: false,
    lookup: lookupOf(addresses),
    minVersion: "TLSv1.2",
    ...(options.trust === undefined ? {} : { ca: options.trust }),
  };
}

/** A request that runs, and its end, which comes once: an answer, an error, or its time is over. */
interface Exchange<T> {
  readonly end: (answer: T | HttpsFailure) => void;
  readonly over: Promise<T | HttpsFailure>;
}

function exchange<T>(asked: ClientRequest, timeoutMs: number): Exchange<T> {
  const { promise, resolve } = Promise.withResolvers<T | HttpsFailure>();
  const end = (answer: T | HttpsFailure): void => {
    clearTimeout(limit);
    asked.destroy();
    resolve(answer);
  };
  const limit = setTimeout(() => end(failure("other", "no answer in time")), timeoutMs);
  asked.on("error", error => end(failure(isAboutCertificate(error) ? "certificate" : "other", error.message)));
  return { end, over: promise };
}

function fetchFrom(addresses: readonly string[], options: HttpsOptions, wanted: HttpsRequest): Promise<HttpsAnswer> {
  const asked = request({
    ...optionsFor(addresses, options, wanted.host, wanted.path),
    port: wanted.port ?? options.port,
  });
  const { end, over } = exchange<HttpsAnswer>(asked, wanted.timeoutMs);
  asked.on("response", response => {
    const pieces: Uint8Array[] = [];
    let octets = 0;
    response.on("data", (piece: Uint8Array) => {
      pieces.push(piece);
      octets += piece.length;
      if (octets > wanted.octetsMax) end(failure("other", `more than ${wanted.octetsMax} octets`));
    });
    response.on("end", () => {
      const { "content-type": contentType = "", location, "cache-control": cacheControl } = response.headers;
      end({
        got: "response",
        status: response.statusCode ?? 0,
        contentType,
        body: Buffer.concat(pieces),
        ...(location === undefined ? {} : { location }),
        ...(cacheControl === undefined ? {} : { cacheControl }),
      });
    });
    response.on("error", error => end(failure("other", error.message)));
  });
  asked.end();
  return over;
}

function give(addresses: readonly string[], options: HttpsOptions, given: HttpsPost): Promise<HttpsReceipt> {
  const asked = request({
    ...optionsFor(addresses, options, given.host, given.path),
    method: "POST",
    headers: { "content-type": given.contentType, "content-length": given.body.length },
  });
  const { end, over } = exchange<HttpsReceipt>(asked, given.timeoutMs);
  asked.on("response", response => end({ got: "response", status: response.statusCode ?? 0 }));
  asked.end(given.body);
  return over;
}
