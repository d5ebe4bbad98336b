import { createSender, receiveMail } from "@scop/node-host/mail";
const hop = await receiveMail({ hostname: "hop.scop.test", port: 7001, onMessage: async ({ message }) => { await message.bytes(); return undefined; } });
const port = Number(process.argv[2]), count = Number(process.argv[3]), octets = Number(process.argv[4]), atOnce = Number(process.argv[5]);
const message = Buffer.from(`From: a@a.example\r\nTo: bob@scop.test\r\n\r\n${`${"0123456789abcdef".repeat(4)}\r\n`.repeat(Math.ceil(octets / 66))}`);
let left = count, taken = 0;
const b = performance.now();
await Promise.all(Array.from({ length: atOnce }, async () => {
  const sender = createSender({ hostname: "load.example", via: { host: "127.0.0.1", port, tls: "never" } });
  while (left > 0) { left -= 1; const r = await sender.send({ from: "a@a.example", to: ["bob@scop.test"], message }); if (r.failed.length === 0) taken += 1; else console.log(JSON.stringify(r.failed)); }
  await sender.close();
}));
console.log(taken, "taken", performance.now() - b);
await hop.close();
