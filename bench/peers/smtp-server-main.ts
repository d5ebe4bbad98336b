// Run as a program of its own, with the port as its argument.
import { createRequire } from "node:module";
import type { Readable } from "node:stream";

interface SmtpServerOptions {
  readonly authOptional: boolean;
  readonly disabledCommands: readonly string[];
  readonly logger: boolean;
  readonly onData: (stream: Readable, session: unknown, done: (error?: Error) => void) => void;
}
interface SmtpServerModule {
  readonly SMTPServer: new (
    options: SmtpServerOptions,
  ) => { listen(port: number, host: string, ready: () => void): void };
}

const { SMTPServer } = createRequire(import.meta.url)("smtp-server") as SmtpServerModule;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  logger: false,
  onData: (stream, _session, done) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => done(Buffer.concat(chunks).length > 0 ? undefined : new Error("empty")));
  },
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
