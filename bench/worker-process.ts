import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that works on tasks, one after the other: a task is a line of JSON, and so is what it did. */
interface WorkerProcess<Task, Result> {
  readonly name: string;
  /** Rejects where the process ended, or did not answer. */
  ask(task: Task): Promise<Result>;
  stop(): void;
}

/** Starts a peer as a process of its own. */
export function startWorker<Task, Result>(
  name: string,
  [program, ...args]: readonly string[],
): WorkerProcess<Task, Result> {
  const child: ChildProcess = spawn(program!, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([status]) => Promise.reject(new Error(`${name} ended with ${status}`)));
  ended.catch(() => undefined);
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  return {
    name,
    ask: async task => {
      child.stdin!.write(`${JSON.stringify(task)}\n`);
      const line = await Promise.race([lines.next(), ended]);
      if (line.done === true) throw new Error(`${name} did not answer`);
      return JSON.parse(line.value) as Result;
    },
    stop: () => void child.kill("SIGKILL"),
  };
}
