/** Asking pyRPC servers over HTTP. */
export { answerError, firstWords } from "./http_answer.ts";
export {
  askServer,
  type HttpContext,
  type HttpOptions,
  secretsOf,
  type ServerAnswer,
  type ServerConnections,
  serverConnections,
  type ServerRequest,
} from "./http_request.ts";
