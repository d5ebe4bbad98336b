import { type RequestOptions, request } from "node:https";
import type { Dns, Https, HttpsAnswer, HttpsRequest } from "@scop/platform";
import { isPublicIp, parseIp } from "@scop/wire";

/** Whom the client may reach. */
interface HttpsOptions {
  /** `public`: addresses of the open Internet alone. `any`: for laboratories. */
  readonly addresses: "public" | "any";
  readonly port: number;
  /** Certificates (PEM) that are believed in place of those that Node comes with. */
  readonly trust: string | undefined;
}

/** Documents over HTTPS from addresses that were checked before they are connected to: the connection goes to them, whatever the name says by then. */
export function nodeHttps(dns: Dns, options: HttpsOptions): Https {
  return { get: wanted => get(dns, options, wanted) };
}

function failure(kind: "certificate" | "other", detail: string): HttpsAnswer {
  return { got: "failure", kind, detail };
}

async function get(dns: Dns, options: HttpsOptions, wanted: HttpsRequest): Promise<HttpsAnswer> {
  const answer = await dns.addresses(wanted.host);
  if (answer.found !== "records") return failure("other", `${wanted.host} has no address`);
  const isAllowed = (text: string): boolean => {
    const read = parseIp(text);
    return read.ok && (options.addresses === "any" || isPublicIp(read.value));
  };
  const addresses = answer.records.filter(isAllowed);
  if (addresses.length === 0) return failure("other", `${wanted.host} is not on the open Internet`);
  return fetchFrom(addresses, options, wanted);
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

function fetchFrom(addresses: readonly string[], options: HttpsOptions, wanted: HttpsRequest): Promise<HttpsAnswer> {
  const { promise, resolve } = Promise.withResolvers<HttpsAnswer>();
  const asked = request({
    host: wanted.host,
    servername: wanted.host,
    port: options.port,
    path: wanted.path,
    agent: false,
    lookup: lookupOf(addresses),
    minVersion: "TLSv1.2",
    ...(options.trust === undefined ? {} : { ca: options.trust }),
  });
  const end = (answer: HttpsAnswer): void => {
    clearTimeout(limit);
    asked.destroy();
    resolve(answer);
  };
  const limit = setTimeout(() => end(failure("other", "no answer in time")), wanted.timeoutMs);
  asked.on("error", error => end(failure(isAboutCertificate(error) ? "certificate" : "other", error.message)));
  asked.on("response", response => {
    const pieces: Uint8Array[] = [];
    let octets = 0;
    response.on("data", (piece: Uint8Array) => {
      pieces.push(piece);
      octets += piece.length;
      if (octets > wanted.octetsMax) end(failure("other", `more than ${wanted.octetsMax} octets`));
    });
    response.on("end", () => {
      const contentType = response.headers["content-type"] ?? "";
      end({ got: "response", status: response.statusCode ?? 0, contentType, body: Buffer.concat(pieces) });
    });
    response.on("error", error => end(failure("other", error.message)));
  });
  asked.end();
  return promise;
}
