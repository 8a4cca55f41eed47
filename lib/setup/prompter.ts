/** One choice of {@link Prompter.select}. */
export interface Choice<T extends string> {
  readonly value: T;
  /** Shown after the value. */
  readonly explanation: string;
}

/**
 * Asks questions. Each method rejects with `INTERRUPTED` when the user leaves the question, on a signal, and when the
 * input ends.
 */
export interface Prompter {
  intro(title: string, subtitle: string): void;
  select<const T extends string>(
    message: string,
    choices: readonly Choice<T>[],
    initial: T,
  ): Promise<T>;
  /** `check` returns the problem of an answer, or undefined. */
  text(
    message: string,
    initial: string,
    check: (answer: string) => Promise<string | undefined>,
  ): Promise<string>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  /** Shows a message while work is in progress. */
  during<T>(message: string, work: Promise<T>): Promise<T>;
  note(message: string): void;
  outro(message: string): void;
  /** Releases the terminal. */
  close(): void;
}

/** Opens a prompter, and closes it when the questions are answered or left. */
export async function withPrompter<T>(
  open: () => Promise<Prompter>,
  ask: (prompter: Prompter) => Promise<T>,
): Promise<T> {
  const prompter = await open();
  try {
    return await ask(prompter);
  } finally {
    prompter.close();
  }
}
