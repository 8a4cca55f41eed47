/** Findings as text, GitHub annotations, JUnit and Markdown. Pure. @module */
export { type Allowance, assertRule, parseAllowances, withAllowance } from "./allowances.ts";
export { changedNames } from "./changed_names.ts";
export { CHECK_RULES, type CheckRule, type CheckRuleId } from "./check_rules.ts";
export {
  changeFinding,
  type DiffReport,
  type DiffSide,
  findingsOf,
  lineFindings,
  reportDiff,
  type ReportedChange,
  summaryOf,
  withoutCausedLines,
} from "./diff_report.ts";
export { jsonExcludesFormat } from "./errors.ts";
export { type Finding, isError, sentenceOf } from "./finding.ts";
export { REPORT_FORMATS, type ReportFormat } from "./formats.ts";
export {
  renderGithub,
  withGithubErrors,
  workflowCommands,
  type WorkflowContext,
  workspacePath,
} from "./github.ts";
export {
  type BrokenLine,
  type ClientImpact,
  type ClientPosition,
  type ClientProblem,
  type CompiledClient,
  impactLines,
  positionText,
} from "./impact.ts";
export { renderJunit } from "./junit.ts";
export { escapeMarkdown, markdownTable, renderMarkdown } from "./markdown.ts";
export { explainRule, rulesPage } from "./rules_page.ts";
export { renderFindings, renderText } from "./text.ts";
