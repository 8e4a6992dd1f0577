/** What something takes of resident memory at its peak, in MB above what the process had before. */
export const growth = async (something: () => Promise<unknown>): Promise<number> => {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let peak = before
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 1)
  await something()
  clearInterval(sampling)
  return (Math.max(peak, process.memoryUsage.rss()) - before) / 1_048_576
}
