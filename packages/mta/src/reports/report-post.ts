import type { ReportEndpoint } from "@scop/tls-policy";
import { REPORT_POST_MS_MAX } from "../limits.ts";
import type { MtaIo } from "../stage.ts";
import type { Content } from "./report-kind.ts";

/**
 * Gives a report to the first web server that takes it, and says which that was; undefined where none does. Each gets an equal share of the time
 * that is left, so that one which does not answer leaves some to the others. RFC 8460 5.4
 */
export async function postReport(
  io: Pick<MtaIo, "clock" | "gzip" | "https" | "log">,
  content: Content,
  endpoints: readonly ReportEndpoint[],
): Promise<ReportEndpoint | undefined> {
  const body = await io.gzip.pack(content.bytes);
  const end = io.clock.monotonic() + REPORT_POST_MS_MAX;
  for (const [index, endpoint] of endpoints.entries()) {
    const timeoutMs = Math.max(0, Math.floor((end - io.clock.monotonic()) / (endpoints.length - index)));
    const { host, path, url } = endpoint;
    const receipt = await io.https.post({ host, path, contentType: content.mediaType, body, timeoutMs });
    if (receipt.got === "response" && receipt.status >= 200 && receipt.status <= 299) return endpoint;
    const answer = receipt.got === "response" ? `HTTP ${receipt.status}` : receipt.detail;
    io.log.write("warn", "report not taken", { url, answer });
  }
  return undefined;
}
