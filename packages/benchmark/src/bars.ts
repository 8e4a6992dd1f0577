/** What must hold. A new key is a line here and a measurement that bears its name. */
import type { Measured } from "./measured.ts"

export interface Bar {
  readonly key: string
  readonly figure: string
  readonly unit: string
  readonly atMost?: number
  readonly atLeast?: number
  /** Left out of a quick run. */
  readonly slow?: true
}

/** A figure as shipped, in requests and in lag. */
const shipped = (key: string, figure: string, requests: number, lag: number): ReadonlyArray<Bar> => [
  { key: `shipped_${key}_requests`, figure: `as shipped, ${figure}`, unit: "requests/job", atMost: requests },
  { key: `shipped_${key}_lag`, figure: `as shipped, ${figure}: mean lag`, unit: "s", atMost: lag }
]

export const bars: ReadonlyArray<Bar> = [
  { key: "list_requests", figure: "5,000 jobs, with a list", unit: "requests/job", atMost: 1.15 },
  { key: "list_lag_mean", figure: "5,000 jobs, with a list: mean lag", unit: "s", atMost: 1.3 },
  { key: "list_lag_p95", figure: "5,000 jobs, with a list: 95 % lag", unit: "s", atMost: 2.6 },
  {
    key: "list_vs_core_lro",
    figure: "requests of @azure/core-lro at its default ÷ ours, with no more lag",
    unit: "×",
    atLeast: 30
  },
  { key: "get_requests", figure: "no list, learned from 200 jobs", unit: "requests/job", atMost: 7.6 },
  { key: "get_lag_mean", figure: "no list, learned from 200 jobs: mean lag", unit: "s", atMost: 4.4 },
  {
    key: "frontier_lognormal",
    figure: "requests over the best schedule's at the same lag: the workload",
    unit: "%",
    atMost: 10
  },
  {
    key: "frontier_bimodal",
    figure: "requests over the best schedule's at the same lag: jobs of 30 s and of 150 s",
    unit: "%",
    atMost: 15
  },
  {
    key: "frontier_shift",
    figure: "requests over the best schedule's at the same lag: 200 jobs after the median doubled",
    unit: "%",
    atMost: 20
  },
  ...shipped("list_1", "1 job with a list", 8.6, 4.5),
  ...shipped("list_10", "10 jobs with a list", 4.1, 2.4),
  ...shipped("list_100", "100 jobs with a list", 2.2, 1.2),
  ...shipped("list_500", "500 jobs with a list", 1.35, 1.1),
  ...shipped("get_1", "1 job, no list", 8.6, 4.6),
  ...shipped("get_100", "100 jobs at any time, no list, from the 51st end on", 7.8, 4.4),
  ...shipped("image", "10 pictures with a list", 4, 1.5),
  {
    key: "shared_1000_requests",
    figure: "requests of 1,000 who wait each by itself ÷ on one engine",
    unit: "×",
    atMost: 1.1
  },
  { key: "shared_1000_lag", figure: "lag of 1,000 who wait each by itself ÷ on one engine", unit: "×", atMost: 1.1 },
  {
    key: "cpu_vs_naive",
    figure: "client CPU of a job after its start, 5,000 with a list over undici ÷ the naive loop's over fetch",
    unit: "×",
    atMost: 0.23
  },
  {
    key: "cpu_vs_naive_fetch",
    figure: "client CPU of a job after its start, 5,000 with a list over fetch ÷ the naive loop's",
    unit: "×",
    atMost: 0.32
  },
  { key: "heap_watch_10k", figure: "heap of an open watch, 10,000 of them", unit: "KB", atMost: 5 },
  { key: "heap_watch_100k", figure: "heap of an open watch, 100,000 of them", unit: "KB", atMost: 5, slow: true },
  { key: "heap_await_10k", figure: "heap of a job awaited, 10,000 of them", unit: "KB", atMost: 2 },
  { key: "tick_10k", figure: "the engine's own work in a tick over 10,000 watches", unit: "ms", atMost: 15 },
  {
    key: "tick_100k",
    figure: "the engine's own work in a tick over 100,000 watches",
    unit: "ms",
    atMost: 150,
    slow: true
  },
  {
    key: "command_help",
    figure: "start of media-jobs --help ÷ of an empty effect/cli command",
    unit: "×",
    atMost: 1.25
  },
  { key: "list_decode", figure: "10,000 entries from text to Jobs ÷ JSON.parse", unit: "×", atMost: 5 },
  { key: "cpu_50k_vs_1k", figure: "client CPU of a job at 50,000 ÷ at 1,000", unit: "×", atMost: 1.2, slow: true },
  { key: "get_sequential", figure: "get, from request to Job ÷ effect/http get and json", unit: "×", atMost: 1.4 },
  {
    key: "get_16",
    figure: "get, from request to Job ÷ effect/http get and json, 16 at once",
    unit: "×",
    atMost: 1.4
  },
  { key: "webhook_lag", figure: "with webhooks, over loopback: median lag", unit: "ms", atMost: 50 },
  { key: "webhook_requests", figure: "with webhooks", unit: "requests/job", atMost: 1.3 },
  {
    key: "webhook_throughput",
    figure: "calls/s that the receiver verifies ÷ those of a bare node:http JSON echo",
    unit: "×",
    atLeast: 1 / 3
  },
  {
    key: "front_door_cost",
    figure: "client CPU of `run`, 5,000 jobs ÷ that of `submit` and `Poller.succeed`",
    unit: "×",
    atMost: 1.3,
    slow: true
  },
  { key: "save_growth", figure: "memory that a file of 1 GB takes while it is saved", unit: "MB", atMost: 64 },
  {
    key: "save_big",
    figure: "a file of 1 GB saved ÷ a bare loop with the platform's hash, flush and rename",
    unit: "×",
    atMost: 1.3,
    slow: true
  },
  { key: "save_small", figure: "500 jobs of a file of 200 KB ÷ the bare loop", unit: "×", atMost: 2, slow: true },
  { key: "save_many", figure: "a job of 500 files of 200 KB ÷ the bare loop", unit: "×", atMost: 2, slow: true }
]

/** Of runs that outlive their process, which `--durable` measures by itself. */
export const durable: ReadonlyArray<Bar> = [
  { key: "durable_requests", figure: "durable, with webhooks", unit: "requests/job", atMost: 1.3 },
  { key: "durable_requests_list", figure: "durable, 100 jobs with a list", unit: "requests/job", atMost: 2 },
  { key: "durable_requests_get", figure: "durable, 100 jobs, no list", unit: "requests/job", atMost: 8.58 },
  { key: "durable_rows", figure: "rows of a job, no more for one that lasts longer", unit: "rows/job", atMost: 12 },
  {
    key: "durable_overhead",
    figure: "from the submit to the outcome beyond the job's own time, 100 jobs on one machine: median",
    unit: "s",
    atMost: 1
  },
  {
    key: "durable_takeover",
    figure: "from a runner's death to another's first look at its jobs",
    unit: "s",
    atMost: 15
  }
]

/** One line of `results.json`. */
export interface Result {
  readonly key: string
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly bar: string
  readonly holds: boolean
}

/** Every key of the run with its measurement; a key that was not measured is a mistake of the benchmark. */
export const judge = (
  measured: ReadonlyArray<Measured>,
  quick: boolean,
  of: ReadonlyArray<Bar> = bars
): ReadonlyArray<Result> =>
  of.filter(({ slow }) => !(quick && slow === true)).map(({ atLeast, atMost, figure, key, unit }) => {
    const found = measured.find((one) => one.key === key)
    if (found === undefined || !Number.isFinite(found.value)) throw new Error(`${key} was not measured`)
    const { proviso = true, value } = found
    return {
      key,
      figure,
      value: Number(value.toPrecision(4)),
      unit,
      bar: atLeast === undefined ? `≤ ${atMost}` : `≥ ${Number(atLeast.toPrecision(3))}`,
      holds: proviso && value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity)
    }
  })
