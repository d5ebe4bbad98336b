import type { Connection } from "@scop/platform";
import type { Simulation } from "@scop/sim";
import { latin1, latin1Bytes } from "@scop/wire";

/** A client that sends commands and gives back what comes up to their answers. */
export class Client {
  readonly #sim: Simulation;
  readonly #connection: Connection;
  #held = "";
  #tags = 0;

  constructor(sim: Simulation, connection: Connection) {
    this.#sim = sim;
    this.#connection = connection;
  }

  async send(text: string): Promise<void> {
    await this.#settled(this.#connection.write(latin1Bytes(text)));
  }

  /** Waits for real files too, so the clock of the simulation stands still meanwhile. */
  async #settled<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    while (!settled) await this.#sim.advance(0);
    return promise;
  }

  /** All that comes up to and with this text, or up to the end of the connection. */
  async until(text: string): Promise<string> {
    return this.#settled(this.#until(text));
  }

  async #until(text: string): Promise<string> {
    let from = 0;
    while (!this.#held.includes(text, from)) {
      from = Math.max(0, this.#held.length - text.length);
      const bytes = await this.#connection.read();
      if (bytes === undefined) return this.#take(this.#held.length);
      this.#held += latin1(bytes);
    }
    return this.#take(this.#held.indexOf(text, from) + text.length);
  }

  #take(octets: number): string {
    const taken = this.#held.slice(0, octets);
    this.#held = this.#held.slice(octets);
    return taken;
  }

  /** Sends a command and gives its whole answer, with `T` in place of the tag; what was said last if the connection ends. */
  async run(command: string): Promise<string> {
    this.#tags += 1;
    const tag = `t${this.#tags}`;
    await this.send(`${tag} ${command}\r\n`);
    const answer = await this.until(`${tag} `);
    if (!answer.endsWith(`${tag} `)) return answer;
    return `${answer.slice(0, -tag.length - 1)}T ${await this.until("\r\n")}`;
  }

  /** APPEND with a non-synchronising literal. */
  append(mailbox: string, message: string, flags = ""): Promise<string> {
    return this.run(`APPEND ${mailbox}${flags} {${message.length}+}\r\n${message}`);
  }
}
