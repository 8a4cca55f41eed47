import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { CACHE, ROOT, run } from "../project.ts";
import { benchContract, benchOpenApi, type BenchShape } from "./contract.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { type Measurement, medians, type Program } from "./measure.ts";

const OPENAPI_TYPESCRIPT = "7.13.0";

const SHAPES: Readonly<Record<BenchShape, string>> = {
  required: "a model of required fields",
  defaults: "a model with defaults",
};

/** Compares `codegen` of the compiled executable with openapi-typescript and upstream's own CLI, whole processes. */
export async function benchCodegen({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const other = await installOpenApiTypescript();
  const upstream = await pythonEnvironment("shop-0.14");
  await using folder = await tempFolder({ "client/package.json": "{}" });
  const programs: Record<string, Program> = {};
  for (const shape of ["required", "defaults"] as const) {
    for (const count of [1000, 5000]) {
      const contract = folder.at(`${shape}${count}.json`);
      await writeFile(contract, JSON.stringify(benchContract(count, shape)));
      const types = folder.at(`${shape}${count}.ts`);
      programs[`${shape} ${count}`] = {
        command: binary,
        args: ["codegen", contract, "--out", types],
        makes: types,
      };
    }
    const openApi = folder.at(`openapi-${shape}.json`);
    await writeFile(openApi, JSON.stringify(benchOpenApi(1000, shape)));
    programs[`openapi-typescript ${shape}`] = {
      command: "node",
      args: [other, openApi, "--output", folder.at("openapi.ts")],
    };
  }
  programs["upstream"] = {
    command: join(upstream.bin, "pyrpc"),
    args: ["codegen", folder.at("required1000.json"), "--client", folder.at("client")],
    options: { cwd: folder.path, env: { ...upstream.env, NO_COLOR: "1" } },
  };
  const results = await medians(programs, runs);
  const resultOf = (name: string): Measurement => {
    const result = results[name];
    if (result === undefined) throw new Error(`"${name}" was not measured`);
    return result;
  };
  const rows: BenchRow[] = [];
  for (const [shape, what] of Object.entries(SHAPES)) {
    const ours = resultOf(`${shape} 1000`);
    const more = resultOf(`${shape} 5000`);
    rows.push(
      atLeast(
        25,
        `1,000 procedures, ${what}: openapi-typescript on the equivalent document`,
        ours,
        resultOf(`openapi-typescript ${shape}`),
      ),
      {
        what: `5,000 procedures, ${what}: against our own 1,000`,
        ours: ms(more.milliseconds),
        peer: ms(ours.milliseconds),
        ratio: times(more.milliseconds / ours.milliseconds),
        wanted: "≤ 6 ×",
        holds: more.milliseconds <= 6 * ours.milliseconds,
      },
      {
        what: `peak memory, 5,000 procedures, ${what}`,
        ours: more.peakMiB === undefined ? "not measured" : `${Math.round(more.peakMiB)} MiB`,
        peer: "",
        ratio: "",
        wanted: "< 250 MiB",
        holds: more.peakMiB !== undefined && more.peakMiB < 250,
      },
    );
  }
  rows.push(atLeast(
    30,
    `1,000 procedures, ${SHAPES.required}: upstream's \`pyrpc codegen\` 0.14`,
    resultOf("required 1000"),
    resultOf("upstream"),
  ));
  return {
    title: "Types of a contract",
    note:
      "Whole processes that start with an empty target, median of rounds in which all take turns. Each procedure has a model of its own with eight fields: required ones, as parameter and as result; or some with defaults (half of the fields with names or bounds of their own), as parameter and in a list as result. The equivalent document has a second component for such a result, in which members with defaults are required. Not shown: models that procedures share, recursive ones, models of other sizes, and a target that is up to date (`sync`).",
    rows,
  };
}

function atLeast(
  factor: number,
  what: string,
  ours: Measurement,
  theirs: Measurement,
): BenchRow {
  const ratio = theirs.milliseconds / ours.milliseconds;
  return {
    what,
    ours: ms(ours.milliseconds),
    peer: ms(theirs.milliseconds),
    ratio: times(ratio),
    wanted: `≥ ${factor} ×`,
    holds: ratio >= factor,
  };
}

function times(ratio: number): string {
  return `${ratio.toFixed(1)} ×`;
}

function ms(milliseconds: number): string {
  return `${Math.round(milliseconds).toLocaleString("en")} ms`;
}

async function installOpenApiTypescript(): Promise<string> {
  const folder = join(CACHE, `openapi-typescript-${OPENAPI_TYPESCRIPT}`);
  const program = join(folder, "node_modules", "openapi-typescript", "bin", "cli.js");
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), "{}");
  const packages = [`openapi-typescript@${OPENAPI_TYPESCRIPT}`, "typescript@5.9.3"];
  const { code, stderr } = await run(
    process.platform === "win32" ? "npm.cmd" : "npm",
    ["install", "--no-audit", "--no-fund", "--silent", ...packages],
    { cwd: folder },
  );
  if (code !== 0) throw new Error(`Cannot install openapi-typescript:\n${stderr}`);
  // Reads the file once, so that an incomplete installation fails here and not in a measurement.
  await readFile(program);
  return program;
}
