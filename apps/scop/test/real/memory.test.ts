import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LineSocket } from "../../crash/line-socket.ts";
import { type ServerProcess, withinMs } from "../../crash/server-process.ts";
import { connectSmtp } from "../../crash/smtp-client.ts";
import { type FaultyServer, faultyServer, numberedMessage } from "./faults.ts";
import { BOB } from "./server.ts";

const LIMIT_OCTETS = 256 * 1024 * 1024;
/** Each holds its message back, from an address of its own group. */
const SENDERS = 500;
const ADDRESSES = 50;
/** Just below what goes to the disk as it comes. */
const HELD_OCTETS = 240 * 1024;
const SMALL_OCTETS = 10_000;
/** What was sent is in the memory of the server by then. */
const ARRIVAL_MS = 2_000;

/** A control group with the limit, of the first or the second version; undefined where none can be made. */
function limitedGroup(): { readonly folder: string; readonly events: string } | undefined {
  const versions = [
    { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", events: "memory.oom_control" },
    { root: "/sys/fs/cgroup", limit: "memory.max", events: "memory.events" },
  ];
  for (const { root, limit, events } of versions) {
    const folder = join(root, `scop-test-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(folder, limit), String(LIMIT_OCTETS));
      return { folder, events: join(folder, events) };
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}

const group = limitedGroup();

describe("a limit on memory", {
  skip: group === undefined ? "no control group with a limit on memory can be made here" : false,
}, () => {
  let server: FaultyServer;
  let running: ServerProcess;
  const senders: Socket[] = [];
  let taken = 0;
  before(async () => {
    server = await faultyServer();
    const enter = `echo $$ > ${join(group!.folder, "cgroup.procs")} && exec "$@"`;
    running = await server.start({ wrapper: ["sh", "-c", enter, "sh"] });
  });
  after(async () => {
    for (const socket of senders) socket.destroy();
    running.kill("SIGKILL");
    await running.ended;
    rmdirSync(group!.folder);
    await server.remove();
  });

  it("turns away with 452 or 421 what does not fit, and nobody is killed", async () => {
    const sockets = Array.from({ length: SENDERS }, (_, index) => {
      const localAddress = `127.0.1.${index % ADDRESSES}`;
      const socket = connect({ port: server.ports.smtp, host: "127.0.0.1", localAddress });
      senders.push(socket);
      return new LineSocket(socket);
    });
    // All of them up to the final dot, before the first one gets there.
    const begun = await Promise.all(sockets.map(begin));
    const replies = await Promise.all(sockets.map((socket, index) => begun[index] ?? finish(socket)));
    taken = replies.filter(reply => reply.startsWith("250 ")).length;
    const refused = replies.filter(reply => /^(?:452 4\.3\.1|421) /.test(reply)).length;
    assert.ok(taken > 0 && refused > 0 && taken + refused === SENDERS, `${taken} taken, ${refused} refused`);
    assert.equal(await withinMs(running.ended, 0), undefined, running.output());
    assert.match(readFileSync(group!.events, "latin1"), /^oom_kill 0$/m);
  });

  it("is over when they are gone", async () => {
    for (const socket of senders) socket.destroy();
    const client = await connectSmtp(server.ports.smtp);
    assert.match(await client.send([BOB], numberedMessage("after", SMALL_OCTETS)), /^250 /);
    client.close();
    assert.equal(await server.messagesOfBob(), taken + 1);
    assert.deepEqual(await server.stop(running), []);
  });
});

/** Sends a message without its end; the reply, where it came to none. */
async function begin(socket: LineSocket, index: number): Promise<string | undefined> {
  await socket.line();
  for (const command of ["HELO load.example", "MAIL FROM:<load@outside.example>", `RCPT TO:<${BOB}>`, "DATA"]) {
    socket.write(`${command}\r\n`);
    const reply = await socket.line();
    if (!/^[23]/.test(reply)) return reply;
  }
  socket.write(numberedMessage(`held-${index}`, HELD_OCTETS));
  await sleep(ARRIVAL_MS);
  return undefined;
}

async function finish(socket: LineSocket): Promise<string> {
  socket.write(".\r\n");
  return socket.line();
}
