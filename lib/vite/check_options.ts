import { isObject } from "../is_object.ts";
import { optionInvalid, optionUnknown } from "./errors.ts";
import type { PyrpcOptions } from "./options.ts";

interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const BOOLEAN: Rule = {
  expected: "true or false",
  accepts: (value) => typeof value === "boolean",
};

const RULES: Readonly<Record<keyof PyrpcOptions, Rule>> = {
  source: {
    expected: "an address, a file or a module",
    accepts: (value) => typeof value === "string",
  },
  proxy: BOOLEAN,
  mock: {
    expected: "true, false or { seed, examples }",
    accepts: (value) => typeof value === "boolean" || isObject(value),
  },
  stale: {
    expected: '"fail", "warn" or "ignore"',
    accepts: (value) => ["fail", "warn", "ignore"].includes(value as string),
  },
  overlay: BOOLEAN,
  interval: {
    expected: "a positive number of milliseconds",
    accepts: (value) => typeof value === "number" && value > 0 && Number.isFinite(value),
  },
  headers: { expected: "an object of headers", accepts: isObject },
};

/**
 * Checks the options, because a configuration in JavaScript has no types.
 *
 * @throws Error if an option is unknown, or has a value that it does not accept
 */
export function checkOptions(options: PyrpcOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, name)) throw optionUnknown(name, Object.keys(RULES));
    const { accepts, expected } = RULES[name as keyof PyrpcOptions];
    if (value !== undefined && !accepts(value)) throw optionInvalid(name, expected, value);
  }
}
