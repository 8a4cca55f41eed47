/**
 * The server of `mock`, `proxy` and `explore`: loads a contract, handlers and examples, follows their changes, and serves
 * them.
 *
 * @module
 */
export { consoleView, type ConsoleViewOptions } from "./console_view.ts";
export { dumpAnswers } from "./dump_answers.ts";
export { serveMock } from "./serve_mock.ts";
export { violationReport } from "./violation_report.ts";
export { MockSession, type SessionOptions } from "./session.ts";
