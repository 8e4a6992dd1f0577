/** A host of media, in a process of its own: `/n` is a file of so many bytes, which no disk holds, whatever its query. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import * as Channel from "./channel.ts"

const piece = Buffer.alloc(65_536, "media")

const pieces = function*(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece
}

if (import.meta.main) {
  const parent = Channel.toParent()
  const server = createServer((request, response) => {
    const bytes = Number(/^\/(\d+)/.exec(request.url ?? "")?.[1])
    response.writeHead(200, { "content-type": "video/mp4", "content-length": bytes, etag: `"${bytes}"` })
    Readable.from(pieces(bytes), { objectMode: false }).pipe(response)
  })
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo // a server that listens on a port has an address, not a path
    parent.send(`http://127.0.0.1:${port}`)
  })
}
