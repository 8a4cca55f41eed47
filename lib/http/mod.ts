/** The HTTP client: proxies, TLS and bounds work the same under every engine. */
export { answerError, type FirstWords, firstWords } from "./answer_error.ts";
export {
  askServer,
  connectServer,
  type HttpContext,
  type HttpOptions,
  secretsOf,
  type ServerAnswer,
  type ServerConnection,
  type ServerRequest,
} from "./ask_server.ts";
export { exchange, type HttpAnswer, type HttpExchange } from "./exchange.ts";
export { HttpFailure, type HttpFailureKind } from "./failure.ts";
