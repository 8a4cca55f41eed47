import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { CACHE, ROOT, run } from "../project.ts";
import { benchContract, benchOpenApi } from "./contract.ts";
import type { BenchOptions, BenchResult } from "./mod.ts";
import { medians, type Program } from "./measure.ts";

const OPENAPI_TYPESCRIPT = "7.13.0";

/** `codegen` of the compiled executable against openapi-typescript and upstream's own CLI, whole processes. */
export async function benchCodegen({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const other = await installOpenApiTypescript();
  const upstream = await pythonEnvironment("shop-0.14");
  await using folder = await tempFolder({ "client/package.json": "{}" });
  const programs: Record<string, Program> = {};
  for (const count of [1000, 5000]) {
    const [contract, openApi] = [folder.at(`rpc${count}.json`), folder.at(`openapi${count}.json`)];
    await writeFile(contract, JSON.stringify(benchContract(count)));
    await writeFile(openApi, JSON.stringify(benchOpenApi(count)));
    const types = folder.at(`ours${count}.ts`);
    // Each run writes its file, as the others do: one that is up to date would be left alone.
    programs[`ours ${count}`] = {
      command: binary,
      args: ["codegen", contract, "--out", types],
      makes: types,
    };
    if (count > 1000) continue;
    programs["openapi-typescript"] = {
      command: "node",
      args: [other, openApi, "--output", folder.at("openapi.ts")],
    };
    programs["upstream"] = {
      command: join(upstream.bin, "pyrpc"),
      args: ["codegen", contract, "--client", folder.at("client")],
      options: { cwd: folder.path, env: { ...upstream.env, NO_COLOR: "1" } },
    };
  }
  programs["version"] = { command: binary, args: ["--version"] };
  const results = await medians(programs, runs);
  const [ours, more, theirs, pythons, version] = [
    "ours 1000",
    "ours 5000",
    "openapi-typescript",
    "upstream",
    "version",
  ].map((name) => results[name]);
  if (!ours || !more || !theirs || !pythons || !version) {
    throw new Error("A program was not measured");
  }
  const times = (a: number, b: number) => `${(a / b).toFixed(1)} ×`;
  return {
    title: "Types of a contract",
    note:
      "Whole processes, median. Each procedure has a model of eight fields as parameter and as result.",
    rows: [
      {
        what: "1,000 procedures, openapi-typescript on the equivalent document",
        ours: ms(ours.milliseconds),
        peer: ms(theirs.milliseconds),
        ratio: times(theirs.milliseconds, ours.milliseconds),
        wanted: "≥ 25 ×",
        holds: theirs.milliseconds >= 25 * ours.milliseconds,
      },
      {
        what: "1,000 procedures, upstream's `pyrpc codegen` 0.14",
        ours: ms(ours.milliseconds),
        peer: ms(pythons.milliseconds),
        ratio: times(pythons.milliseconds, ours.milliseconds),
        wanted: "≥ 30 ×",
        holds: pythons.milliseconds >= 30 * ours.milliseconds,
      },
      {
        what: "5,000 procedures, against our own 1,000",
        ours: ms(more.milliseconds),
        peer: ms(ours.milliseconds),
        ratio: times(more.milliseconds, ours.milliseconds),
        wanted: "≤ 6 ×",
        holds: more.milliseconds <= 6 * ours.milliseconds,
      },
      {
        what: "peak memory, 5,000 procedures",
        ours: more.peakMiB === undefined ? "not measured" : `${Math.round(more.peakMiB)} MiB`,
        peer: "",
        ratio: "",
        wanted: "< 250 MiB",
        holds: more.peakMiB !== undefined && more.peakMiB < 250,
      },
      {
        what: "`pyrpc --version`",
        ours: ms(version.milliseconds),
        peer: "",
        ratio: "",
        wanted: "≤ 30 ms",
        holds: version.milliseconds <= 30,
      },
    ],
  };
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
  // Read once, so that a half-finished installation is noticed here and not in a measurement.
  await readFile(program);
  return program;
}
