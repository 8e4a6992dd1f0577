import { SqliteClient } from "@media-jobs/sqlite"
import { Console, Effect } from "effect"

// Holds the file named by its argument, and says so; or says why it can't. A fiber that waits for nothing might be collected, and its file
// closed with it.
const [file = ""] = process.argv.slice(2)
await Effect.andThen(Console.log("held"), Effect.forever(Effect.sleep("1 minute"))).pipe(
  Effect.provide(SqliteClient.layer({ file, exclusive: true })),
  Effect.catchTag("SqliteUnavailable", (error) => Console.log(`${error.reason}: ${error.message}`)),
  Effect.runPromise
)
