import * as Channel from "./channel.ts"
import { measure } from "./keys/frontDoor.ts"
const service = Channel.start("./callingService.ts")
service.send({ jobs: 500, lifeMillis: 1_000 })
console.log(await measure(await service.next()))
service.end()
