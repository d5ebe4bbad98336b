// Run as a program of its own, with a load as its arguments.
import { createSender } from "@scop/node-host/mail";
import { clientLoad, sendAll } from "./client-load.ts";

const load = clientLoad();
const sender = createSender({
  hostname: "load.outside.example",
  via: { host: "127.0.0.1", port: load.port, tls: "never" },
  limits: { connectionsPerDestinationMax: load.connections, messagesPerConnectionMax: Number.MAX_SAFE_INTEGER },
});
await sendAll(load, async message => {
  const { failed } = await sender.send({ from: "load@outside.example", to: ["bob@sink.example"], message });
  if (failed[0] !== undefined) throw new Error(failed[0].text);
});
await sender.close();
