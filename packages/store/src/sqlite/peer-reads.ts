import type { Instant } from "@scop/platform";
import { type PeerReads, SERVER_KEYS_MAX } from "../index.ts";
import type { Database } from "./database.ts";
import type { SqliteEngine } from "./engine.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

/** What is read of other servers, answered between the batches. */
export function peerReadsOf(engine: Pick<SqliteEngine, "read">): PeerReads {
  return {
    serverKeys: server => engine.read(db => serverKeys(db, server)),
    duePeers: (now, limit, which, exclude) => engine.read(db => duePeers(db, now, limit, which, exclude)),
    nextPeerDue: () => engine.read(db => db.get<{ wake: number }>("SELECT wake FROM peer ORDER BY wake LIMIT 1")?.wake),
    peerQueue: peer =>
      engine.read(db => {
        const [row] = db.lists<[number, number, number, number]>(
          "SELECT attempts, events, edus, wake FROM peer WHERE name = ?",
          peer,
        );
        return row && { peer, attempts: row[0], events: row[1], edus: row[2], due: row[3] };
      }),
  };
}

export function putServerKeys(work: Work, { server, json }: ChangeOf<"put-server-keys">): object {
  const { db } = work;
  if (db.run("UPDATE server_keys SET json = ? WHERE server = ?", json, server) === 1) return DONE;
  db.run("INSERT INTO server_keys (server, json) VALUES (?, ?)", server, json);
  // Keys rise with each new server, so that there are never more rows than keys between the two.
  db.run("DELETE FROM server_keys WHERE id <= (SELECT max(id) FROM server_keys) - ?", SERVER_KEYS_MAX);
  return DONE;
}

function serverKeys(db: Database, server: string): string | undefined {
  return db.get<{ json: string }>("SELECT json FROM server_keys WHERE server = ?", server)?.json;
}

function duePeers(
  db: Database,
  now: Instant,
  limit: number,
  which: "failing" | "reachable",
  exclude: ReadonlySet<string>,
): readonly string[] {
  const condition = which === "failing" ? "attempts > 0" : "attempts = 0";
  return db
    .lists<[string]>(
      `SELECT name FROM peer WHERE ${condition} AND wake <= ? ORDER BY wake LIMIT ?`,
      now,
      limit + exclude.size,
    )
    .map(([name]) => name)
    .filter(name => !exclude.has(name))
    .slice(0, limit);
}
