import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { SecureContext } from "node:tls";
import type { Homeserver } from "@scop/homeserver";
import type { ListenAt, TlsIdentity } from "@scop/node-host";
import { AUTOCONFIG_PATH } from "./autoconfig.ts";
import { isMatrix, isOfMatrixServer, serveMatrix } from "./matrix-web.ts";
import { POLICY_PATH } from "./own-policy.ts";

/** What everybody may see. */
interface PublicPages {
  /** The MTA-STS policy of the domain that `Host` names, if it is served here. */
  readonly policy: (host: string) => Promise<string | undefined>;
  /** The settings of mail programs for the domain that `Host` names, if it is served here. */
  readonly autoconfig: (host: string) => Promise<string | undefined>;
  readonly matrix: Homeserver;
}

/** What the web port shows. */
export interface WebPages extends PublicPages {
  /** Figures for machines that watch: 200 with them, 503 with the reason. */
  readonly health: () => Promise<{ readonly healthy: boolean; readonly detail: object }>;
  readonly metrics: () => Promise<string>;
  /** Plain sentences for a person who opens the page. */
  readonly about: () => readonly string[];
}

/** An open web port. */
export interface Web {
  readonly port: number;
  stop(): Promise<void>;
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(body);
}

function page(lines: readonly string[]): string {
  const escaped = lines.map(line => `<p>${line.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>`);
  const style = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}a{color:#06c}";
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>SCoP</title><style>${style}</style><h1>SCoP</h1>${escaped.join("")}<p><a href="/health">Health</a> · <a href="/metrics">Metrics</a></p></html>`;
}

const TIMEOUTS = { requestTimeout: 10_000, headersTimeout: 10_000 } as const;

/** Opens the web port: `/`, `/health`, `/metrics`, Matrix, MTA-STS policies of the domains and settings of mail programs. Rejects with Node's error where the port can't be taken. */
export function openWeb(at: ListenAt, pages: WebPages): Promise<Web> {
  return opened(
    createServer(
      TIMEOUTS,
      listener((request, response) =>
        isMatrix(pathOf(request))
          ? serveMatrix(pages.matrix, request, response, "plain")
          : serve(pages, request, response),
      ),
    ),
    at,
  );
}

/** Opens a port for HTTPS that shows what everybody may see, and nothing else. Who asks has to name a host (SNI). */
export function openSecureWeb(at: ListenAt, pages: PublicPages, context: SecureContext): Promise<Web> {
  const SNICallback = (_name: string, done: (error: Error | null, context: SecureContext) => void): void =>
    done(null, context);
  const options = { ...TIMEOUTS, SNICallback, minVersion: "TLSv1.2" } as const;
  const serve = listener((request, response) =>
    isMatrix(pathOf(request))
      ? serveMatrix(pages.matrix, request, response, "tls")
      : servePublic(pages, request, response),
  );
  return opened(createSecureServer(options, serve), at);
}

/** A transaction has 50 events of 64 KiB, from servers with slow lines too. */
const FEDERATION_TIMEOUTS = { requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 30_000 } as const;

/** Opens the port for other Matrix servers: what they ask for, and nothing else. */
export function openFederation(
  at: ListenAt,
  matrix: Homeserver,
  { certificate, key }: TlsIdentity,
  connectionsMax: number,
): Promise<Web> {
  // Who asks for an address names no host: there is no callback for that.
  const options = { ...FEDERATION_TIMEOUTS, minVersion: "TLSv1.2", cert: certificate, key } as const;
  const serve = listener(async (request, response) =>
    isOfMatrixServer(pathOf(request))
      ? serveMatrix(matrix, request, response, "tls")
      : answer(response, 404, "application/json", '{"errcode":"M_UNRECOGNIZED","error":"Not on this port."}'),
  );
  const server = createSecureServer(options, serve);
  server.maxConnections = connectionsMax;
  return opened(server, at);
}

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function listener(serve: Serve): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) =>
    void serve(request, response).catch(error => {
      answer(response, 500, "text/plain", error instanceof Error ? error.name : "error");
    });
}

async function opened(server: Server, at: ListenAt): Promise<Web> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen("fd" in at ? { fd: at.fd } : { host: at.host, port: at.port }, resolve);
  });
  const address = server.address();
  return { port: address !== null && typeof address === "object" ? address.port : 0, stop: () => stopped(server) };
}

async function serve(pages: WebPages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  switch (isRead ? pathOf(request) : "") {
    case "/":
      return answer(response, 200, "text/html", page(pages.about()));
    case "/metrics":
      return answer(response, 200, "text/plain", await pages.metrics());
    case "/health": {
      const { healthy, detail } = await pages.health();
      return answer(response, healthy ? 200 : 503, "application/json", `${JSON.stringify(detail)}\n`);
    }
    default:
      return servePublic(pages, request, response);
  }
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!;
}

async function servePublic(pages: PublicPages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") return answer(response, 405, "text/plain", "GET only\n");
  switch (pathOf(request)) {
    case POLICY_PATH: {
      const policy = await pages.policy(request.headers.host ?? "");
      return policy === undefined
        ? answer(response, 404, "text/plain", "no policy for this host\n")
        : answer(response, 200, "text/plain", policy);
    }
    case AUTOCONFIG_PATH: {
      const settings = await pages.autoconfig(request.headers.host ?? "");
      return settings === undefined
        ? answer(response, 404, "text/plain", "no settings for this host\n")
        : answer(response, 200, "text/xml", settings);
    }
    default:
      return answer(response, 404, "text/plain", "not here\n");
  }
}

function stopped(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
