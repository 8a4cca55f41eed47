/** The answer to a question; `undefined` if it cannot be decided. */
export type Maybe = boolean | undefined;

/** Returns true if the check is true for one item, false if it is false for all. */
export function anyOf<T>(list: readonly T[], check: (item: T) => Maybe): Maybe {
  let result: Maybe = false;
  for (const item of list) {
    const answer = check(item);
    if (answer === true) return true;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** Returns false if the check is false for one item, true if it is true for all. */
export function allOf<T>(list: readonly T[], check: (item: T) => Maybe): Maybe {
  let result: Maybe = true;
  for (const item of list) {
    const answer = check(item);
    if (answer === false) return false;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** Returns true if a value is a multiple of a step. */
export function isMultiple(value: number, step: number): Maybe {
  if (Number.isInteger(value) && Number.isInteger(step)) {
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value % step === 0 : undefined;
  }
  // Implementations differ in the remainder of fractions.
  return value === 0 ? true : undefined;
}

/** Returns true if a pattern matches a text. */
export function matchesPattern(pattern: string, value: string): Maybe {
  // Backtracking of an unknown pattern on a long text may not end.
  if (value.length > 200 || pattern.length > 200) return undefined;
  if (/[+*}]\)?[+*{]|\([^)]*[+*|][^)]*\)[+*{]/.test(pattern)) return undefined;
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return undefined;
  }
}
