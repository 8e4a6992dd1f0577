import { problem } from "../../google/internal/problem.ts"

export { errorInfo, exhausted, problem } from "../../google/internal/problem.ts"

export const unauthenticated = problem(
  401,
  "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."
)

export const noOperation = problem(404, "Operation not found.")

/** Of a prompt that is refused before anything is made. */
export const refused = (code: string) =>
  problem(
    400,
    `The prompt could not be submitted. This prompt contains words that violate Vertex AI's usage guidelines (Responsible AI). Support codes: ${code}`
  )
