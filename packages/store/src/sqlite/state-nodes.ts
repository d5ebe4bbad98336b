import { assert } from "@scop/wire";
import type { StateNode, StateNodes } from "../state-map.ts";
import type { Database } from "./database.ts";
import type { State } from "./state.ts";

/** The nodes of states in the table; without counters they can only be read. */
export function stateNodes(db: Database, counters: State | undefined): StateNodes {
  return {
    load(node) {
      const row = db.get<{ node: string }>("SELECT node FROM state_node WHERE id = ?", node);
      assert(row !== undefined, "a state has all its nodes");
      return JSON.parse(row.node) as StateNode;
    },
    save(node) {
      assert(counters !== undefined, "states are made in transactions");
      const id = counters.next("node");
      db.run("INSERT INTO state_node (id, node) VALUES (?, ?)", id, JSON.stringify(node));
      return id;
    },
  };
}
