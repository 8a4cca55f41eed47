/**
 * Published as `@pyrpc/client/testing`: `createMock` answers calls like `pyrpc mock`, in the process; `createFake` by plain
 * functions. Imports nothing of Node, so that it runs in browsers too.
 *
 * @module
 */
export {
  type AnyProcedures,
  createFake,
  type Fake,
  type FakeArguments,
  type FakeOptions,
  type Fakes,
  type Handlers,
} from "./fake.ts";
export { createMock, type Fetch, type Mock, type MockOptions } from "./mock.ts";
