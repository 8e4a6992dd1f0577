/**
 * Where requests go, by their kind.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Wire from "@media-jobs/adapter/Wire"

/**
 * What each kind of request makes, where that is known, and where it goes.
 *
 * @since 0.1.0
 * @category models
 */
export type Endpoints<Tag extends string> = {
  readonly [T in Tag]: readonly [kind: Adapter.Route["kind"], path: string]
}

/**
 * The route of a request to the endpoint of its kind below `root`; its model is the field of that name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const routes = <Request extends { readonly _tag: string }>(
  root: string,
  endpoints: Endpoints<Request["_tag"]>,
  accountOf: (request: Request) => string | undefined
) =>
(request: Request): Adapter.Route => {
  const tag: Request["_tag"] = request._tag
  const [kind, path] = endpoints[tag]
  return { path: `${root}/${path}`, kind, model: Wire.text(Wire.object(request)["model"]), account: accountOf(request) }
}
