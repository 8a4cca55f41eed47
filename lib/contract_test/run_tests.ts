import type { JsonObject, Procedure } from "../contract/mod.ts";
import { ToolError } from "../errors.ts";
import type { Sampler } from "../mock/mod.ts";
import { compileUntypedValues } from "../proxy/mod.ts";
import { canonicalJson } from "../validate/mod.ts";
import { planCases } from "./plan_cases.ts";
import type { Reply, SendCall } from "./reply.ts";
import { shrink } from "./shrink.ts";
import {
  type ArgumentCheck,
  createArgumentCheck,
  type Params,
  type TestCase,
} from "./test_case.ts";
import { kindOf, type Verdict, verdictOf } from "./verdict.ts";

/** A call whose answer is not as the contract demands. */
export interface Failure extends Verdict {
  readonly one: TestCase;
  /** False if the same call did not fail a second time. */
  readonly isRepeatable: boolean;
}

/** The calls of one procedure. */
export interface TestedProcedure {
  readonly name: string;
  readonly calls: number;
  /** Calls that were planned and not sent. */
  readonly left: number;
}

/** The result of {@link runTests}. */
export interface TestRun {
  readonly failures: readonly Failure[];
  readonly procedures: readonly TestedProcedure[];
  readonly calls: number;
  /** The reason why the run ended early. */
  readonly stopped: "max-calls" | "interrupted" | "server-ended" | "failed" | undefined;
  /** The reason why no further call could be sent, for `failed`. */
  readonly error: ToolError | undefined;
}

/** Progress of a run. */
export interface TestProgress {
  readonly calls: number;
  readonly planned: number;
  readonly failures: number;
}

/** Options of {@link runTests}. */
export interface RunTestsOptions {
  readonly procedures: readonly Procedure[];
  readonly sampler: Sampler;
  /** Arguments of examples, by procedure. */
  readonly examples: ReadonlyMap<string, readonly JsonObject[]>;
  readonly send: SendCall;
  /** Returns true if the server still answers. Called after a call without an answer. */
  readonly isAlive: () => Promise<boolean>;
  readonly maxCalls: number;
  /** Waits until the next call may be sent. */
  readonly pace: () => Promise<void>;
  /** Lines of the server's log about a call that failed just now. */
  readonly logOf?: () => Promise<readonly string[]>;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TestProgress) => void;
}

/** Failures of one procedure that are reported. */
const MAX_FAILURES = 10;
/** Calls that simplify one failure. */
const MAX_SHRINK = 60;
/** The same if each of them takes the whole timeout. */
const MAX_SHRINK_SLOW = 6;
/** Calls that are denied before a server that answers none of them is not tested further. */
const MAX_DENIED = 10;

/** Calls procedures in turn, and simplifies the calls whose answers are not as the contract demands. */
export async function runTests(options: RunTestsOptions): Promise<TestRun> {
  return await new TestRunner(options).run();
}

interface Subject {
  readonly procedure: Procedure;
  readonly check: ArgumentCheck;
  readonly cases: TestCase[];
  readonly keys: Set<string>;
  readonly untypedValues: ReturnType<typeof compileUntypedValues>;
  calls: number;
  failures: number;
}

class TestRunner {
  readonly #options: RunTestsOptions;
  readonly #subjects: readonly Subject[];
  readonly #failures: Failure[] = [];
  #calls = 0;
  #stopped: TestRun["stopped"];
  #error: ToolError | undefined;
  #hasAnswer = false;
  #denied = 0;

  constructor(options: RunTestsOptions) {
    this.#options = options;
    const { procedures, sampler, examples } = options;
    this.#subjects = procedures.map((procedure) => {
      const check = createArgumentCheck(procedure);
      const cases = planCases(procedure, check, {
        sampler,
        examples: examples.get(procedure.name) ?? [],
      });
      if (!cases.some(({ expected }) => expected === undefined)) this.#reportUntested(procedure);
      return {
        procedure,
        check,
        cases,
        keys: new Set<string>(),
        untypedValues: compileUntypedValues(procedure.result),
        calls: 0,
        failures: 0,
      };
    });
  }

  async run(): Promise<TestRun> {
    // In turn: a limit of calls covers all procedures alike.
    for (let hasCalled = true; hasCalled && this.#stopped === undefined;) {
      hasCalled = false;
      for (const subject of this.#subjects) {
        const one = subject.cases.shift();
        if (one === undefined) continue;
        hasCalled = true;
        await this.#test(subject, one);
        if (this.#stopped !== undefined) break;
      }
    }
    return {
      failures: this.#failures,
      procedures: this.#subjects.map(({ procedure: { name }, calls, cases }) => ({
        name,
        calls,
        left: cases.length,
      })),
      calls: this.#calls,
      stopped: this.#stopped,
      error: this.#error,
    };
  }

  #reportUntested(procedure: Procedure): void {
    const one = { procedure, params: {}, expected: undefined };
    this.#failures.push({
      rule: "not-tested",
      level: "notice",
      message: "no valid arguments could be generated; pass some with --examples",
      details: [],
      key: "not-tested",
      one,
      isRepeatable: true,
    });
  }

  async #test(subject: Subject, one: TestCase): Promise<void> {
    const reply = await this.#send(subject, one);
    if (reply === undefined) {
      subject.cases.unshift(one);
      return;
    }
    const verdict = verdictOf(one, reply, subject.check);
    if (verdict !== undefined) return await this.#report(subject, one, verdict, reply);
    if (reply.kind === "result") this.#noteForms(subject, one, reply.result);
  }

  // A `Decimal` is a number from one adapter and a text from another, and both fit the contract.
  #noteForms(subject: Subject, one: TestCase, result: unknown): void {
    for (const { path, allowed, found } of subject.untypedValues(result)) {
      if (!allowed.includes("number") || !allowed.includes("string")) continue;
      const key = `value-form:${path}:${found}`;
      if (subject.keys.has(key)) continue;
      subject.keys.add(key);
      this.#failures.push({
        rule: "value-form",
        level: "notice",
        message: `${path === "$" ? "the result" : path} is sent as ${
          found === "string" ? "a text" : "a number"
        }; the contract allows a number and a string, as for a Decimal`,
        details: found === "number" ? ["clients lose digits beyond the precision of a double"] : [],
        key,
        one,
        isRepeatable: true,
      });
    }
  }

  async #report(subject: Subject, one: TestCase, verdict: Verdict, reply: Reply): Promise<void> {
    if (subject.keys.has(verdict.key) || subject.failures >= MAX_FAILURES) return;
    subject.keys.add(verdict.key);
    const isError = verdict.level === "error";
    if (isError) subject.failures++;
    const log = reply.kind === "status" || reply.kind === "closed"
      ? await this.#options.logOf?.() ?? []
      : [];
    if (reply.kind === "refused") this.#stopped = "server-ended";
    const isLost = reply.kind === "timeout" || reply.kind === "closed";
    if (isLost && !await this.#options.isAlive()) this.#stopped = "server-ended";
    const failure = isError && this.#stopped === undefined && this.#hasAnswer
      ? await this.#simplify(subject, { ...verdict, one, isRepeatable: true }, reply)
      : { ...verdict, one, isRepeatable: true };
    this.#failures.push({ ...failure, details: [...failure.details, ...log] });
  }

  async #simplify(subject: Subject, failure: Failure, reply: Reply): Promise<Failure> {
    let left = reply.kind === "timeout" ? MAX_SHRINK_SLOW : MAX_SHRINK;
    let smallest = failure;
    const tried = new Set<string>();
    const fails = async (params: Params): Promise<boolean | undefined> => {
      if (left <= 0 || this.#stopped !== undefined) return undefined;
      const text = canonicalJson(params);
      const candidate = subject.check.caseOf(params);
      if (tried.has(text) || candidate === undefined || kindOf(candidate) !== kindOf(failure.one)) {
        return false;
      }
      tried.add(text);
      left--;
      const reply = await this.#send(subject, candidate);
      if (reply === undefined) return undefined;
      const verdict = verdictOf(candidate, reply, subject.check);
      if (verdict?.key !== failure.key) return false;
      smallest = { ...verdict, one: candidate, isRepeatable: true };
      return true;
    };
    const isRepeated = await fails(failure.one.params);
    if (isRepeated === undefined) return failure;
    if (!isRepeated) return { ...failure, isRepeatable: false };
    await shrink(failure.one.params, fails);
    return smallest;
  }

  /** Sends one call; undefined if the run has ended. */
  async #send(subject: Subject, one: TestCase): Promise<Reply | undefined> {
    const { maxCalls, pace, send, signal, onProgress } = this.#options;
    if (!signal.aborted && this.#calls < maxCalls) await pace();
    if (signal.aborted) this.#stopped = "interrupted";
    else if (this.#calls >= maxCalls) this.#stopped = "max-calls";
    if (this.#stopped !== undefined) return undefined;
    const id = ++this.#calls;
    subject.calls++;
    try {
      const reply = await send(id, one);
      // A server that accepts no connection or no call at all is not a finding.
      if (reply.kind === "refused" && id === 1) throw reply.error;
      this.#hasAnswer ||= reply.kind !== "denied";
      const planned = this.#subjects.some(({ cases }) => cases.length > 0);
      if (
        reply.kind === "denied" && !this.#hasAnswer && (++this.#denied >= MAX_DENIED || !planned)
      ) {
        throw reply.error;
      }
      return reply;
    } catch (error) {
      if (signal.aborted) {
        this.#stopped = "interrupted";
        return undefined;
      }
      // The findings so far are not lost.
      if (!this.#hasAnswer || !(error instanceof ToolError)) throw error;
      this.#stopped = "failed";
      this.#error = error;
      return undefined;
    } finally {
      const left = this.#subjects.reduce((sum, { cases }) => sum + cases.length, 0);
      onProgress?.({
        calls: this.#calls,
        planned: Math.min(maxCalls, this.#calls + left),
        failures: this.#failures.filter(({ level }) => level === "error").length,
      });
    }
  }
}
