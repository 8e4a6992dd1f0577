/** The two functions of `serverless`, at their paths on one port. */
import { serve } from "@hono/node-server"
import report from "../serverless/report.ts"
import submit from "../serverless/submit.ts"

const to = (request: Request) => (new URL(request.url).pathname === "/submit" ? submit : report).fetch(request)

serve({ fetch: to, hostname: "127.0.0.1", port: Number(process.env["PORT"]) }, () => console.log("Listening"))
