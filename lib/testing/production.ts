// The entry point of `@pyrpc/client/testing` under the condition `production`. It has the names of mod.ts, because a missing
// one would be reported before the error below.
export const createMock = undefined;
export const createFake = undefined;

throw new Error(
  "@pyrpc/client/testing is for tests and must not be part of a production build: " +
    'import it in test files only, or without the condition "production"',
);
