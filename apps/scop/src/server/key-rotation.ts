import {
  activateKeys,
  forgetKeys,
  type KeyEntry,
  type KeyState,
  listKeys,
  makeKeys,
  retireKeys,
} from "@scop/node-host/dkim";
import type { Instant, Platform, Timer } from "@scop/platform";
import { dueSteps, type KeySchedule } from "../key-schedule.ts";
import { keyName } from "../keys.ts";
import { isKeyPublished, isNothingPublished } from "../published/check.ts";

type RotationIo = Pick<Platform, "clock" | "timers" | "dns" | "log">;

/** What keys are rotated. */
interface RotationOptions {
  /** Where the keys are, as `makeKeys` has them; what has been done is there too, so that a start goes on where the last one ended. */
  readonly folder: string;
  readonly domains: () => Promise<readonly string[]>;
  readonly schedule: KeySchedule;
}

/** A schedule that is kept. */
interface KeyRotation {
  /** What is under way ends after the domain that it is at: each step is done whole or not at all. */
  stop(): void;
}

/** How often keys and DNS are looked at. */
const LOOK_MS = 3_600_000;
/** How often the operator is reminded of records that are missing. */
const REMIND_MS = 24 * LOOK_MS;

class Rotation {
  readonly #io: RotationIo;
  readonly #options: RotationOptions;
  /** The keys that were published at the last look: what one name server knows, the others may not know yet. */
  readonly #seen = new Map<string, string>();
  readonly #reminded = new Map<string, Instant>();

  #stopped = false;

  constructor(io: RotationIo, options: RotationOptions) {
    this.#io = io;
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Looks at the keys of each domain. A domain whose keys can't be looked at does not keep the others from it. */
  async look(): Promise<void> {
    for (const domain of await this.#options.domains()) {
      if (this.#stopped) return;
      try {
        await this.#lookAt(domain);
      } catch (error) {
        this.#io.log.write("error", "the DKIM keys can't be looked after", { domain, detail: String(error) });
      }
    }
  }

  async #lookAt(domain: string): Promise<void> {
    const { folder, schedule } = this.#options;
    const now = this.#io.clock.now();
    let keys = await listKeys(folder, domain);
    const due = dueSteps(keys, schedule, now);
    if (due.retire === "due") {
      keys = await retireKeys(folder, domain, now - schedule.overlapMs, now);
      this.#tell("old DKIM keys are done; their records may be removed", domain, keys, "retired");
    }
    if (due.make === "due") {
      keys = await makeKeys(folder, domain, now);
      this.#reminded.set(domain, now);
      this.#tell("new DKIM keys were made; publish their records", domain, keys, "next");
    }
    if (keys.some(key => key.state === "next")) await this.#lookAtNext(domain, keys, due.activate);
    await this.#forget(domain, keys);
  }

  /** The keys that wait sign once they are due, and were published at two looks in a row. */
  async #lookAtNext(domain: string, keys: readonly KeyEntry[], activate: "due" | "no"): Promise<void> {
    const { folder } = this.#options;
    const now = this.#io.clock.now();
    const next = keys.filter(key => key.state === "next");
    const selectors = next.map(key => key.selector).join();
    for (const key of next) {
      if (await isKeyPublished(this.#io.dns, domain, key)) continue;
      this.#seen.delete(domain);
      if (now - (this.#reminded.get(domain) ?? -REMIND_MS) < REMIND_MS) return;
      this.#reminded.set(domain, now);
      this.#tell("new DKIM keys wait until their records are published", domain, keys, "next");
      return;
    }
    const seenBefore = this.#seen.get(domain);
    this.#seen.set(domain, selectors);
    if (activate === "no" || seenBefore !== selectors) return;
    const turned = await activateKeys(folder, domain, now);
    this.#seen.delete(domain);
    this.#tell("new DKIM keys sign from now on; keep the records of the old ones", domain, turned, "old", "info");
  }

  /** A key that is done is forgotten when nobody can find its record any more. */
  async #forget(domain: string, keys: readonly KeyEntry[]): Promise<void> {
    const gone: string[] = [];
    for (const key of keys) {
      if (key.state === "retired" && (await isNothingPublished(this.#io.dns, domain, key))) gone.push(key.selector);
    }
    if (gone.length > 0) await forgetKeys(this.#options.folder, domain, gone);
  }

  /** What is for the operator to do is a warning. */
  #tell(
    event: string,
    domain: string,
    keys: readonly KeyEntry[],
    state: KeyState,
    level: "info" | "warn" = "warn",
  ): void {
    const records = keys.filter(key => key.state === state).map(key => keyName(domain, key));
    this.#io.log.write(level, event, { domain, records: records.join(" "), see: `npx scop dns ${domain}` });
  }
}

/**
 * Looks after the keys of every domain, at once and then each hour: makes the next ones ahead, signs with them once they are due and published,
 * and says when the records of the old ones may go.
 */
export function startKeyRotation(io: RotationIo, options: RotationOptions): KeyRotation {
  const rotation = new Rotation(io, options);
  let timer: Timer | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    await rotation.look().catch(error => io.log.write("error", "the domains can't be read", { detail: String(error) }));
    if (!stopped) timer = io.timers.set(LOOK_MS, look);
  };
  void look();
  return {
    stop: () => {
      stopped = true;
      rotation.stop();
      timer?.clear();
    },
  };
}
