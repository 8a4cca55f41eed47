import type { Procedure } from "../contract/mod.ts";
import { formatJsonText } from "../json/mod.ts";
import { errorPlace } from "./error_place.ts";
import type { CallFault, Reply } from "./reply.ts";
import type { TestRule } from "./rules.ts";
import { type ArgumentCheck, expectationOf, type TestCase } from "./test_case.ts";

/** A difference between the answer to a call and the contract. */
export interface Verdict {
  readonly rule: TestRule;
  readonly level: "error" | "notice";
  readonly message: string;
  readonly details: readonly string[];
  /** Equal for failures with the same cause. */
  readonly key: string;
}

const MAX_SHOWN = 160;

/** Compares the answer to a call with the contract; undefined if it is as the contract demands. */
export function verdictOf(one: TestCase, reply: Reply, check: ArgumentCheck): Verdict | undefined {
  const given = one.expected === undefined
    ? "valid arguments"
    : `invalid arguments (${expectationOf(one)})`;
  switch (reply.kind) {
    case "closed":
      return failure("connection-closed", `the connection is closed for ${given}`);
    case "refused":
      return failure("server-ended", `the server accepts no connection for ${given}`);
    case "timeout":
      return failure("no-answer", `no complete answer in time for ${given}`);
    case "status": {
      const { status, words } = reply;
      return failure("http-status", `HTTP ${status} for ${given}`, words, String(status));
    }
    case "denied":
      return failure(
        "http-status",
        `${given}: ${reply.error.message}`,
        reply.error.details,
        reply.error.message,
      );
    case "too-large":
      return failure("not-an-answer", `the answer to ${given} is too large`, reply.words, "large");
    case "foreign":
      return failure(
        reply.rule,
        reply.rule === "wrong-id"
          ? `the answer to ${given} has the id of another call`
          : `the answer to ${given} is not a result or an error`,
        reply.words,
      );
    case "error":
      return one.expected === undefined
        ? errorOfValid(reply.error, one)
        : errorOfInvalid(reply.error, given);
    case "result":
      return one.expected === undefined
        ? invalidResult(reply.result, one, check)
        : acceptedInvalid(reply.result, one);
  }
}

function failure(
  rule: TestRule,
  message: string,
  details: readonly string[] = [],
  key = "",
): Verdict {
  return { rule, level: "error", message, details, key: `${rule}:${key}` };
}

function errorOfValid(error: CallFault, { procedure, params }: TestCase): Verdict | undefined {
  const { code, message, data } = error;
  if (code === -32603) {
    if (!/Return type validation failed/.test(message)) return undefined;
    return failure(
      "return-validation",
      "the procedure returns a value that its return type rejects",
      reasonOf(data),
      placeOf(data, params, procedure),
    );
  }
  if (code !== -32602) {
    return failure(
      "error-code",
      `error ${code} for valid arguments: ${shown(message)}`,
      [],
      `${code}`,
    );
  }
  const { type, field } = data as { readonly type?: unknown; readonly field?: unknown };
  const isUnwritten = type === undefined
    ? isAboutForms(message, procedure.parameters.map(({ name }) => name))
    : typeof type !== "string" || !SCHEMA_ERRORS.test(type) || isAboutKeys(field, procedure);
  const place = placeOf(data, params, procedure);
  const details = [shown(`${message}${reasonOf(data).map((line) => `: ${line}`).join("")}`)];
  if (!isUnwritten) {
    return failure("refuses-valid", "valid arguments are rejected", details, place);
  }
  return {
    rule: "unwritten-rule",
    level: "notice",
    message:
      "arguments that the contract allows are rejected for a reason that it does not contain",
    details,
    key: `unwritten-rule:${field === undefined ? message : place}`,
  };
}

// The errors of Pydantic that follow from a JSON Schema. Others come from validators: `value_error`, `date_past`.
const SCHEMA_ERRORS =
  /_(?:type|parsing|parsing_size|pattern_mismatch|too_long|too_short|from_float|size|invalid)$|^(?:too_long|too_short|missing|enum|literal_error|greater_than|greater_than_equal|less_than|less_than_equal|multiple_of|extra_forbidden|none_required|finite_number|union_tag_invalid|union_tag_not_found)$/;

// A contract does not mark `*args`, positional-only and keyword-only parameters.
function isAboutForms(message: string, names: readonly string[]): boolean {
  return /too many positional|positional-only|keyword-only|positional only|keyword only/.test(
    message,
  ) ||
    names.includes("args") || names.includes("kwargs");
}

// The schema of `dict[int, str]` does not contain the type of the keys.
function isAboutKeys(field: unknown, { parameters }: Procedure): boolean {
  return typeof field === "string" && field.endsWith(".[key]") &&
    !parameters.some(({ schema }) => formatJsonText(schema).includes('"propertyNames"'));
}

function errorOfInvalid(error: CallFault, given: string): Verdict | undefined {
  const { code, message } = error;
  if (code === -32602) return undefined;
  return failure("error-code", `error ${code} instead of -32602 for ${given}`, [
    shown(message),
  ], `invalid:${code}`);
}

function acceptedInvalid(result: unknown, one: TestCase): Verdict {
  return failure(
    "accepts-invalid",
    `invalid arguments are accepted (${expectationOf(one)})`,
    [`result: ${shown(formatJsonText(result))}`],
    kindOf(one),
  );
}

/** Returns the kind of error that a case expects: the same for cases that are invalid for the same reason. */
export function kindOf({ expected, params, procedure }: TestCase): string {
  if (expected === undefined) return "valid";
  const { data, message } = expected;
  return "field" in data ? placeOf(data, params, procedure) : message;
}

function invalidResult(
  result: unknown,
  { procedure }: TestCase,
  check: ArgumentCheck,
): Verdict | undefined {
  const checked = check.checkResult(result);
  if (checked.ok) return undefined;
  const { data } = checked.error;
  return failure(
    "result-type",
    `the result does not fit the contract: ${reasonOf(data).join("")}`,
    [`result: ${shown(formatJsonText(result))}`],
    placeOf(data, result, procedure),
  );
}

function reasonOf(data: unknown): string[] {
  const { field, message } = (data ?? {}) as {
    readonly field?: unknown;
    readonly message?: unknown;
  };
  if (typeof message !== "string") return [];
  return [`${typeof field === "string" && field !== "" ? `${field}: ` : ""}${message}`];
}

function placeOf(data: unknown, value: unknown, procedure: Procedure): string {
  const { field = "", type = "" } = (data ?? {}) as {
    readonly field?: unknown;
    readonly type?: unknown;
  };
  return `${errorPlace(String(field), value, procedure)}:${type}`;
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}
