/** An object type without the members that are `undefined`; members that may be `undefined` become optional. */
export type Defined<T extends object> =
  & { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] }
  & { [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined> };

/**
 * Returns a copy of an object without the members whose value is `undefined`.
 *
 * Optional properties must not be set to `undefined` under `exactOptionalPropertyTypes`; this builds such objects from
 * values that may be missing.
 *
 * @example
 * ```ts
 * import { defined } from "./defined.ts";
 *
 * const port: number | undefined = undefined;
 * const options: { host: string; port?: number } = defined({ host: "localhost", port });
 * ```
 */
export function defined<T extends object>(members: T): Defined<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
