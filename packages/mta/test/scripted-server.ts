import type { Connection } from "@scop/platform";
import { latin1, latin1Bytes } from "@scop/wire";

/** What a scripted server has heard. */
export interface Heard {
  /** Command lines in order, those of all connections. */
  readonly lines: string[];
  /** Messages with their dots, without the end. */
  readonly messages: string[];
  connections: number;
}

/** An answer: reply lines, or what happens to the connection instead. */
export type Answer = string | "close" | "silence" | "tls-failure";

/** A server that says what a test wants; `undefined` stands for the usual reply of a server with these extensions. */
export interface Script {
  readonly greeting?: Answer;
  readonly extensions?: readonly string[];
  readonly answer?: (line: string, connection: number) => Answer | undefined;
  /** To the end of a message. */
  readonly final?: (message: string, connection: number) => Answer | undefined | Promise<Answer>;
}

/** Makes what `SimulatedNet.listen` wants, and what it heard. */
export function scriptedServer(script: Script = {}): {
  readonly heard: Heard;
  readonly accept: (connection: Connection) => void;
} {
  const heard: Heard = { lines: [], messages: [], connections: 0 };
  return {
    heard,
    accept: connection => {
      heard.connections += 1;
      void serve(connection, script, heard, heard.connections);
    },
  };
}

async function serve(connection: Connection, script: Script, heard: Heard, number: number): Promise<void> {
  let pending = "";
  let inData = false;
  const say = async (answer: Answer): Promise<void> => {
    if (answer === "close") await connection.close();
    else if (answer === "tls-failure") {
      await connection.write(latin1Bytes("220 go\r\n"));
      connection.abort();
    } else if (answer !== "silence") await connection.write(latin1Bytes(`${answer}\r\n`));
  };
  await say(script.greeting ?? "220 scripted");
  for (;;) {
    const bytes = await connection.read();
    if (bytes === undefined) return connection.close();
    pending += latin1(bytes);
    for (;;) {
      const isEmpty = inData && pending.startsWith(".\r\n");
      const end = isEmpty ? 0 : pending.indexOf(inData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) break;
      const text = pending.slice(0, end);
      pending = pending.slice(end + (inData && !isEmpty ? 5 : isEmpty ? 3 : 2));
      if (inData) {
        if (!isEmpty) heard.messages.push(`${text}\r\n`);
        inData = false;
        await say((await script.final?.(text, number)) ?? "250 2.0.0 taken");
        continue;
      }
      heard.lines.push(text);
      const answer = script.answer?.(text, number) ?? usual(text, script.extensions ?? ["PIPELINING", "8BITMIME"]);
      inData = answer.startsWith("354");
      await say(answer);
    }
  }
}

function usual(line: string, extensions: readonly string[]): string {
  const verb = line.split(" ")[0]!.toUpperCase();
  if (verb === "EHLO")
    return ["scripted", ...extensions]
      .map((text, index) => `250${index < extensions.length ? "-" : " "}${text}`)
      .join("\r\n");
  if (verb === "DATA") return "354 go";
  if (verb === "QUIT") return "221 2.0.0 bye";
  if (verb === "STARTTLS") return "502 5.5.1 no";
  return "250 2.0.0 ok";
}
