/**
 * The server of `mock`, `proxy` and `explore`: loads a contract, handlers and examples, follows their changes, and serves
 * them.
 *
 * @module
 */
export { type ConsoleView, consoleView, type ConsoleViewOptions } from "./console_view.ts";
export { dumpAnswers, type DumpedAnswers } from "./dump_answers.ts";
export {
  type ServedMock,
  serveMock,
  type ServeMockEvents,
  type ServeMockOptions,
} from "./serve_mock.ts";
export { MockSession, type SessionOptions } from "./session.ts";
