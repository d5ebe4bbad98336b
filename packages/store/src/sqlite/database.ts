import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** One connection, with each statement prepared once. Statements are constants; values only ever travel beside them. */
export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements: Map<string, StatementSync> = new Map();
  readonly #listStatements: Map<string, StatementSync> = new Map();

  constructor(path: string, busyTimeoutMs: number) {
    this.path = path;
    this.#connection = new DatabaseSync(path, {
      timeout: busyTimeoutMs,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      defensive: true,
    });
  }

  /** Whether a transaction is open: SQLite ends it by itself after some errors. */
  get isOpenTransaction(): boolean {
    return this.#connection.isTransaction;
  }

  /** Runs a statement that answers nothing; returns the rows it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  /** The first row. */
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  /** All rows. */
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  /** All rows, each as the list of its values: for very many, three times faster than `all`. */
  lists<Row extends readonly unknown[]>(sql: string, ...values: readonly SQLInputValue[]): Row[] {
    let statement = this.#listStatements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      statement.setReturnArrays(true);
      this.#listStatements.set(sql, statement);
    }
    return statement.all(...values) as unknown as Row[];
  }

  /** Several statements without values. */
  script(sql: string): void {
    this.#connection.exec(sql);
  }

  /** Undoes the open transaction, if one is left. */
  rollBack(): void {
    if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
  }

  close(): void {
    this.#statements.clear();
    this.#listStatements.clear();
    this.#connection.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
