/** What this package uses of `node:sqlite`. */
export interface Sqlite {
  readonly DatabaseSync: new(file: string, options: { readonly timeout: number }) => Database
}

export interface Database {
  readonly isTransaction: boolean
  readonly exec: (sql: string) => void
  readonly prepare: (sql: string) => PreparedStatement
  readonly close: () => void
}

export interface PreparedStatement {
  readonly all: (...parameters: ReadonlyArray<unknown>) => ReadonlyArray<never>
  readonly run: (...parameters: ReadonlyArray<unknown>) => unknown
  readonly columns: () => ReadonlyArray<unknown>
  readonly setReadBigInts: (enabled: boolean) => void
  readonly setReturnArrays: (enabled: boolean) => void
}

interface Platform {
  readonly process?: {
    readonly getBuiltinModule?: (
      name: "node:sqlite"
    ) => (Sqlite & { readonly StatementSync: typeof Object }) | undefined
  }
}

/** The platform's SQLite, if it has one that can do what is needed: that of Node 22.5 to 22.15 can't give rows as arrays. */
export const sqlite = (): Sqlite | undefined => {
  const module = (globalThis as Platform).process?.getBuiltinModule?.("node:sqlite") // a type tells none of it
  return module !== undefined && "setReturnArrays" in module.StatementSync.prototype ? module : undefined
}
