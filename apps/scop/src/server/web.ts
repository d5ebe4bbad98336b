import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ListenAt } from "@scop/node-host";
import { AUTOCONFIG_PATH } from "./autoconfig.ts";
import { POLICY_PATH } from "./own-policy.ts";

/** What the web port shows. */
interface WebOptions {
  readonly at: ListenAt;
  /** Figures for machines that watch: 200 with them, 503 with the reason. */
  readonly health: () => Promise<{ readonly healthy: boolean; readonly detail: object }>;
  readonly metrics: () => Promise<string>;
  /** The MTA-STS policy of the domain that `Host` names, if it is served here. */
  readonly policy: (host: string) => Promise<string | undefined>;
  /** The settings of mail programs for the domain that `Host` names, if it is served here. */
  readonly autoconfig: (host: string) => Promise<string | undefined>;
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

/** Opens the web port: `/`, `/health`, `/metrics`, MTA-STS policies of the domains and settings of mail programs. Rejects with Node's error where the port can't be taken. */
export async function openWeb(options: WebOptions): Promise<Web> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    serve(options, request, response).catch(error => {
      answer(response, 500, "text/plain", error instanceof Error ? error.name : "error");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const { at } = options;
    server.listen("fd" in at ? { fd: at.fd } : { host: at.host, port: at.port }, resolve);
  });
  const address = server.address();
  return { port: address !== null && typeof address === "object" ? address.port : 0, stop: () => stopped(server) };
}

async function serve(options: WebOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = "/" } = request;
  if (method !== "GET" && method !== "HEAD") return answer(response, 405, "text/plain", "GET only\n");
  switch (url.split("?", 1)[0]) {
    case "/":
      return answer(response, 200, "text/html", page(options.about()));
    case "/metrics":
      return answer(response, 200, "text/plain", await options.metrics());
    case "/health": {
      const { healthy, detail } = await options.health();
      return answer(response, healthy ? 200 : 503, "application/json", `${JSON.stringify(detail)}\n`);
    }
    case POLICY_PATH: {
      const policy = await options.policy(request.headers.host ?? "");
      return policy === undefined
        ? answer(response, 404, "text/plain", "no policy for this host\n")
        : answer(response, 200, "text/plain", policy);
    }
    case AUTOCONFIG_PATH: {
      const settings = await options.autoconfig(request.headers.host ?? "");
      return settings === undefined
        ? answer(response, 404, "text/plain", "no settings for this host\n")
        : answer(response, 200, "text/xml", settings);
    }
    default:
      return answer(response, 404, "text/plain", "not here; there are /, /health and /metrics\n");
  }
}

function stopped(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
