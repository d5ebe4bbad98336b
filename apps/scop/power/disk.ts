import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The file systems that can be shut down: others refuse it. */
export const FILE_SYSTEMS = ["ext4", "xfs"] as const;

/** One of `FILE_SYSTEMS`. */
type FileSystem = (typeof FILE_SYSTEMS)[number];

/** A file system in an image, mounted over a loop device that goes with the mount. */
export interface Disk {
  readonly fileSystem: FileSystem;
  /** Where it is mounted. */
  readonly folder: string;
  mount(): void;
  /** Drops everything that was not synced, and answers every further call with an error. */
  cutPower(): void;
  /** Waits for processes that are about to end. */
  unmount(): Promise<void>;
}

/** The image is sparse: it takes what is written. */
const IMAGE_OCTETS = 4 * 2 ** 30;
/** Children of a server that ended by itself need a moment to notice. */
const BUSY_MS_MAX = 5_000;
const BUSY_LOOK_MS = 100;
const SHUTDOWN = fileURLToPath(new URL("shutdown.py", import.meta.url));

/** Makes an image with a new file system and mounts it; it is unmounted when the process ends, however that is asked for. */
export function makeDisk(parent: string, fileSystem: FileSystem): Disk {
  const image = join(parent, `${fileSystem}.image`);
  const folder = join(parent, fileSystem);
  const file = openSync(image, "wx");
  ftruncateSync(file, IMAGE_OCTETS);
  closeSync(file);
  mkdirSync(folder);
  run(`mkfs.${fileSystem}`, "-q", image);
  let isMounted = false;
  const disk: Disk = {
    fileSystem,
    folder,
    mount() {
      run("mount", "-o", "loop", image, folder);
      isMounted = true;
    },
    cutPower: () => run("python3", SHUTDOWN, folder),
    async unmount() {
      const isDone = (): boolean => spawnSync("umount", [folder]).status === 0;
      for (let waited = 0; waited < BUSY_MS_MAX && isMounted; waited += BUSY_LOOK_MS) {
        isMounted = !isDone();
        if (isMounted) await sleep(BUSY_LOOK_MS);
      }
      // Once more, to say why not.
      if (isMounted) run("umount", folder);
      isMounted = false;
    },
  };
  // Lazily: servers that were killed a moment ago still hold it.
  process.once("exit", () => isMounted && spawnSync("umount", ["--lazy", folder]));
  disk.mount();
  return disk;
}

function run(command: string, ...args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${[command, ...args].join(" ")}: ${error?.message ?? stderr.trim()}`);
}
