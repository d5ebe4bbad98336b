/** Two name servers on addresses of this machine, and a line each half second with what the one that the system names says. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { decodeMessage, encodeMessage } from "@scop/dns";
import { nodePlatform } from "@scop/node-host";
import { latin1Bytes } from "@scop/wire";

for (const address of ["127.0.0.2", "127.0.0.3"]) {
  const server = createSocket("udp4");
  server.on("message", (octets, from) => {
    const query = decodeMessage(octets);
    if (!query.ok) return;
    const { name } = query.value.questions[0]!;
    const data = { type: "TXT", strings: [latin1Bytes(`from ${address}`)] } as const;
    const flags = { ...query.value.flags, response: true };
    const answer = encodeMessage({ ...query.value, flags, answers: [{ name, class: 1, ttlS: 0, data }] });
    server.send(answer, from.port, from.address);
  });
  server.bind(53, address);
  await once(server, "listening");
}
const { dns } = nodePlatform();
for (let asked = 0; asked < 60; asked += 1) {
  const answer = await dns.txt("example.org");
  console.log(answer.found === "records" ? answer.records.join() : answer.found);
  await new Promise(resolve => setTimeout(resolve, 500));
}
process.exit(1);
