import gitignore from "../../examples/vitest/.gitignore" with { type: "text" };
import packageJson from "../../examples/vitest/package.json" with { type: "text" };
import readmeMd from "../../examples/vitest/README.md" with { type: "text" };
import schemaJson from "../../examples/vitest/schema.json" with { type: "text" };
import srcRpcTs from "../../examples/vitest/src/rpc.ts" with { type: "text" };
import srcTasksTs from "../../examples/vitest/src/tasks.ts" with { type: "text" };
import testsBackendTs from "../../examples/vitest/tests/backend.ts" with { type: "text" };
import testsFakeTestTs from "../../examples/vitest/tests/fake.test.ts" with { type: "text" };
import testsMockTestTs from "../../examples/vitest/tests/mock.test.ts" with { type: "text" };
import tsconfigJson from "../../examples/vitest/tsconfig.json" with { type: "text" };
import vitestConfigTs from "../../examples/vitest/vitest.config.ts" with { type: "text" };

/** The files of `examples/vitest`. A test compares them with the folder. */
export const FILES: Readonly<Record<string, string>> = {
  ".gitignore": gitignore,
  "package.json": packageJson,
  "README.md": readmeMd,
  "schema.json": schemaJson,
  "src/rpc.ts": srcRpcTs,
  "src/tasks.ts": srcTasksTs,
  "tests/backend.ts": testsBackendTs,
  "tests/fake.test.ts": testsFakeTestTs,
  "tests/mock.test.ts": testsMockTestTs,
  "tsconfig.json": tsconfigJson,
  "vitest.config.ts": vitestConfigTs,
};
