/** Runs command lines of the program one after the other in this process: JSON `string[]` on standard input, `{ status, out, err }[]` on output. */
import { text } from "node:stream/consumers";
import { run } from "../src/program.ts";

type Write = typeof process.stdout.write;

/** Collects what is written to a stream until it is given back. */
function collect(stream: NodeJS.WriteStream): () => string {
  const write = stream.write;
  const pieces: Buffer[] = [];
  stream.write = ((piece: string | Uint8Array, done?: () => void) => {
    pieces.push(Buffer.from(piece as Uint8Array));
    if (typeof done === "function") done();
    return true;
  }) as Write;
  return () => {
    stream.write = write;
    return Buffer.concat(pieces).toString("latin1");
  };
}

const lines = JSON.parse(await text(process.stdin)) as readonly string[];
const ran: object[] = [];
for (const line of lines) {
  const [out, err] = [collect(process.stdout), collect(process.stderr)];
  const status = await run(line.split(" "));
  ran.push({ status, out: out(), err: err() });
}
process.stdout.write(JSON.stringify(ran));
