/**
 * `deno task verify [SECTION …]`: the checks that take too long for the gate, each section at most twenty minutes. Without
 * a section it lists them. The gate runs a small part of each.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { deno, ROOT, seconds } from "./project.ts";

/** One long check. */
export interface Section {
  readonly summary: string;
  /** Commands of `deno`, run in order. */
  readonly commands: readonly (readonly string[])[];
  /** The specs run on the executable in `dist/`. @default false */
  readonly usesExecutable?: boolean;
}

const EXECUTABLE = join(ROOT, "dist", process.platform === "win32" ? "pyrpc.exe" : "pyrpc");

const LIMIT_MS = 20 * 60_000;

const test = (...files: string[]) => ["test", "-A", "--no-check", ...files];

/** The sections by name. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  browsers: {
    summary: "web pages attack every command and transport, in Chromium",
    commands: [test("tests/interop/browser_origins_test.ts")],
  },
  packages: {
    summary: "sync in projects and workspaces of npm, pnpm, Bun and Yarn with each linker",
    commands: [
      test(
        "tests/interop/package_managers_test.ts",
        "tests/delivery/compiled_layouts_test.ts",
        "tests/delivery/compiler_notes_test.ts",
      ),
    ],
  },
  recipes: {
    summary: "the recipes of docs/ci.md, also with a registry and the real pre-commit",
    commands: [test("tests/interop/ci_recipes_test.ts")],
  },
  testing: {
    summary: "the testing package in Vitest, Jest, MSW and the runners of Node, Bun and Deno",
    commands: [test("tests/interop/testing_package_test.ts")],
  },
  components: {
    summary: "components of React, Vue, Solid and Svelte Query against a real backend, in Chromium",
    commands: [test("tests/interop/components_test.ts", "tests/client/sizes_test.ts")],
  },
  skew: {
    summary: "contractLink in Chromium, and the bundles of Vite with and without it",
    commands: [test("tests/interop/contract_link_test.ts", "tests/client/contract_link_test.ts")],
  },
  clients: {
    summary: "every layout compiles in projects of Vite, Next, SvelteKit, Nuxt and Angular",
    commands: [test("tests/interop/client_projects_test.ts")],
  },
  breakage: {
    summary:
      "broken lines of 14 kinds of changes against tsc 5.9, 6.0 and 7.0, and the time for 500 files",
    commands: [
      test(
        "tests/breakage",
        "tests/interop/deploy_gate_test.ts",
        "tests/interop/broken_lines_test.ts",
        "tests/interop/broken_lines_time_test.ts",
      ),
    ],
  },
  frameworks: {
    summary: "dev with FastAPI, Flask, Django and ASGI applications under every name and layout",
    commands: [
      test(
        "tests/interop/dev_application_test.ts",
        "tests/interop/dev_endpoint_test.ts",
        "tests/interop/dev_exec_test.ts",
        "tests/interop/dev_test.ts",
        "tests/interop/django_test.ts",
        "tests/interop/missing_uvicorn_test.ts",
        "tests/dev/file_system_test.ts",
        "tests/interop/settings_test.ts",
      ),
    ],
  },
  terminal: {
    summary: "prompts, signals, colors and sizes in a real terminal",
    commands: [
      test(
        "tests/commands/prompts_terminal_test.ts",
        "tests/commands/init_terminal_test.ts",
        "tests/commands/dev_terminal_test.ts",
      ),
    ],
  },
  saves: {
    summary: "dev after every kind of save, with FastAPI, Flask, Django and ASGI",
    commands: [test("tests/interop/dev_saves_test.ts")],
  },
  doctor: {
    summary: "every command that doctor proposes for a broken project makes the next doctor pass",
    commands: [test("tests/interop/doctor_fixes_test.ts", "tests/interop/doctor_test.ts")],
  },
  vite: {
    summary: "the Vite plugin in real projects of Vite, SvelteKit and Nuxt, in Chromium",
    commands: [test("tests/interop/vite_test.ts", "tests/interop/vite_frameworks_test.ts")],
  },
  examples: {
    summary: "each project of examples/, installed, type-checked, built and run in Chromium",
    commands: [test("tests/interop/examples_test.ts")],
  },
  maps: {
    summary: "go to definition into Python from projects of Vite and Next, after edits",
    commands: [
      test(
        "tests/interop/source_map_projects_test.ts",
        "tests/interop/source_map_variants_test.ts",
        "tests/interop/source_map_test.ts",
      ),
    ],
  },
  versions: {
    summary: "contracts, diff, types and dev with every supported pyRPC version",
    commands: [
      test(
        "tests/interop/diff_versions_test.ts",
        "tests/interop/pydantic_types_test.ts",
        "tests/interop/dev_versions_test.ts",
      ),
    ],
  },
  diff: {
    summary: "verdicts of diff over the product of types and generated pairs of modules",
    commands: [
      test("tests/interop/diff_product_test.ts", "tests/interop/diff_pairs_test.ts"),
    ],
  },
  results: {
    summary: "results of 600 generated Pydantic types from three adapters against their types",
    commands: [test("tests/interop/result_types_test.ts")],
  },
  contract_test: {
    summary: "pyrpc test against planted faults and the shop, over FastAPI, Flask and ASGI",
    commands: [test("tests/interop/contract_faults_test.ts", "tests/contract_test")],
  },
  validation: {
    summary:
      "100,000 generated calls and 2,000 schemas: the mock's verdicts, errors and sample values",
    commands: [
      test("tests/interop/validation_calls_test.ts", "tests/interop/sample_values_test.ts"),
    ],
  },
  rpyc: {
    summary: "real rpyc clients and registries against every mode",
    commands: [
      test(
        "tests/interop/rpyc_client_test.ts",
        "tests/interop/rpyc_server_test.ts",
        "tests/interop/rpyc_registry_test.ts",
        "tests/interop/rpyc_conformance_test.ts",
      ),
    ],
  },
  protocols: {
    summary:
      "foreign clients of MessagePack-RPC and tinyrpc, and the reasons of closed connections",
    commands: [
      test(
        "tests/interop/msgpackrpc_test.ts",
        "tests/interop/tinyrpc_test.ts",
        "tests/commands/closed_connections_test.ts",
        "tests/server/jsonrpc_conformance_test.ts",
      ),
    ],
  },
  fuzz: {
    summary: "200,000 wrong messages at every transport and protocol",
    commands: [["run", "-A", "scripts/fuzz.ts"]],
  },
  soak: {
    summary:
      "ten minutes of clients that vanish, at every server and mode: no growth, no wrong answer",
    commands: [
      ["run", "-A", "scripts/bun.ts", "test", "--timeout", "1100000", "tests/interop/soak_test.ts"],
    ],
  },
  mcp: {
    summary: "the official Python client, inspector and conformance suite against pyrpc mcp",
    commands: [test("tests/interop/mcp_test.ts")],
  },
  connections: {
    summary: "connections that send nothing, in every mode, transport and protocol",
    commands: [test("tests/commands/silent_connections_test.ts")],
  },
  openrpc: {
    summary: "exported documents in OpenRPC's mock server and inspector",
    commands: [test("tests/openrpc")],
  },
  systems: {
    summary: "every spec on the executable, and the tests of files, paths and programs",
    usesExecutable: true,
    commands: [
      ["run", "-A", "scripts/compile.ts", "--engine", "bun"],
      test(
        "tests/specs_test.ts",
        "tests/native_path_test.ts",
        "tests/remove_quietly_test.ts",
        "tests/rename_busy_test.ts",
        "tests/shell_word_test.ts",
        "tests/process",
        "tests/project",
        "tests/runtime",
        "tests/watch",
      ),
    ],
  },
  windows: {
    summary:
      "pyrpc.exe under Wine: every spec, files in use, dev, killed commands, the wheel and npm packages",
    commands: [
      test(
        "tests/interop/windows_specs_test.ts",
        "tests/interop/windows_test.ts",
        "tests/interop/windows_dev_test.ts",
        "tests/interop/windows_children_test.ts",
      ),
    ],
  },
  release: {
    summary: "every artefact of a release, installed through every channel",
    commands: [["run", "-A", "scripts/release.ts", "--dry-run"], test("tests/release")],
  },
};

async function main(names: readonly string[]): Promise<number> {
  if (names.length === 0) {
    const width = Math.max(...Object.keys(SECTIONS).map((name) => name.length));
    for (const [name, { summary }] of Object.entries(SECTIONS)) {
      process.stdout.write(`${name.padEnd(width)}  ${summary}\n`);
    }
    return 0;
  }
  const unknown = names.filter((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown.length > 0) {
    process.stderr.write(`Unknown section "${unknown[0]}": ${Object.keys(SECTIONS).join(", ")}\n`);
    return 2;
  }
  let failed = 0;
  for (const name of names) {
    if (!await verify(name)) failed++;
  }
  process.stdout.write(`${names.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function verify(name: string): Promise<boolean> {
  const start = performance.now();
  let isPassed = true;
  const { commands = [], usesExecutable = false } = SECTIONS[name] ?? {};
  const env = { PYRPC_VERIFY: "1", ...(usesExecutable ? { PYRPC_BINARY: EXECUTABLE } : {}) };
  for (const command of commands) {
    const limitMs = LIMIT_MS - (performance.now() - start);
    const { code } = await deno(command, { show: true, limitMs, env });
    if (code !== 0) {
      isPassed = false;
      break;
    }
  }
  const mark = isPassed ? "✓" : "✗";
  process.stdout.write(`${mark} ${name} (${seconds(performance.now() - start)})\n`);
  return isPassed;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
