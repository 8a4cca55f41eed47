/** Asking pyRPC servers over HTTP. */
export { answerError, firstWords } from "./answer_error.ts";
export {
  askServer,
  type HttpContext,
  type HttpOptions,
  secretsOf,
  type ServerAnswer,
  type ServerConnections,
  serverConnections,
  type ServerRequest,
} from "./ask_server.ts";
