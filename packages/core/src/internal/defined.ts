/** The fields that have a value. */
export const defined = <A extends object>(fields: A): { readonly [K in keyof A]: Exclude<A[K], undefined> } =>
  // What is left has no undefined; a field that is left out is one whose type allows it.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
