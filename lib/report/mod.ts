/** Findings as text, JSON, GitHub annotations, JUnit and Markdown. Pure. @module */
export { CHECK_RULES, type CheckRule, type CheckRuleId } from "./check_rules.ts";
