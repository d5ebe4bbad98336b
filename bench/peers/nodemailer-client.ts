// Run as a program of its own, with a load as its arguments.
import { createRequire } from "node:module";
import { clientLoad, sendAll } from "./client-load.ts";

interface Transport {
  sendMail(mail: {
    readonly envelope: { readonly from: string; readonly to: string };
    readonly raw: Uint8Array;
  }): Promise<unknown>;
  close(): void;
}
interface Nodemailer {
  createTransport(options: object): Transport;
}

const load = clientLoad();
const { createTransport } = createRequire(import.meta.url)("nodemailer") as Nodemailer;
const transport = createTransport({
  host: "127.0.0.1",
  port: load.port,
  ignoreTLS: true,
  pool: true,
  maxConnections: load.connections,
  maxMessages: Number.POSITIVE_INFINITY,
  logger: false,
});
const envelope = { from: "load@outside.example", to: "bob@sink.example" };
await sendAll(load, async raw => {
  await transport.sendMail({ envelope, raw });
});
transport.close();
