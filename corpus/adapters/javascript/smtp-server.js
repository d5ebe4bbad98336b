import { connect } from "node:net";
import { SMTPServer } from "smtp-server";
import { accept, serve, versionOf } from "./protocol.js";

/** Milliseconds of silence after which a session is over, where the server waits for more. */
const QUIET_MS = 60;

/** A server that accepts everything, and what it was given. */
function open(messages) {
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData: (stream, _session, done) => {
      const pieces = [];
      stream.on("data", piece => pieces.push(piece));
      stream.on("end", () => {
        messages.push(Buffer.concat(pieces).toString("base64"));
        done();
      });
    },
  });
  server.on("error", () => undefined);
  return new Promise(resolve => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** The classes of the replies, those of several lines once, the greeting left out. */
function classesOf(said) {
  const lines = said.split("\r\n").filter(line => line !== "" && line[3] !== "-");
  return lines
    .slice(1)
    .map(line => line[0])
    .join("");
}

async function session(bytes, { chunks, server: asked }) {
  if (asked) return { outcome: "unsupported", reason: "neither STARTTLS without TLS nor CHUNKING" };
  if (chunks.length > 1 && chunks.every(size => size === 1)) return accept(await converse([bytes]));
  const ends = chunks.map((_, at) => chunks.slice(0, at + 1).reduce((sum, size) => sum + size, 0));
  return accept(await converse(ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))));
}

async function converse(pieces) {
  const messages = [];
  const server = await open(messages);
  const socket = connect(server.server.address().port, "127.0.0.1");
  let said = "";
  socket.setNoDelay(true);
  await new Promise(resolve => {
    let quiet;
    const wait = () => {
      clearTimeout(quiet);
      quiet = setTimeout(resolve, QUIET_MS);
    };
    let next = 0;
    const send = () => {
      if (next >= pieces.length) return wait();
      socket.write(pieces[next++], () => setImmediate(send));
    };
    socket.on("data", data => {
      if (said === "") send();
      said += data.toString("latin1");
      wait();
    });
    socket.on("close", resolve);
    socket.on("error", resolve);
  });
  socket.destroy();
  await new Promise(resolve => server.close(resolve));
  return { transactions: messages.length, messages, replies: classesOf(said), obeyed: false };
}

await serve("smtp-server", versionOf("smtp-server"), {
  "smtp.session": { fields: ["transactions", "messages", "replies"], run: session },
});
