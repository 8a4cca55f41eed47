import { writeFile } from "node:fs/promises";
import { pythonEnvironment, startPython } from "../../tests/support/python.ts";
import { readQuickStart } from "../quick_start.ts";
import { shopProject } from "./shop_project.ts";
import { terminalPicture } from "./terminal_picture.ts";

/** `pyrpc check --deployed` while the server has not got the field that the frontend uses. */
export async function deployedPicture() {
  const { python } = await readQuickStart();
  await using project = await shopProject(python);
  await project.pyrpc(0, "codegen", "main", "--out", "web/src/api.ts", "--client");
  await project.pyrpc(0, "pull", "main", "-o", "schema.json");
  const older = python.replaceAll(/^ {4}in_stock: int\n/gm, "").replace(", in_stock=4", "");
  if (older === python) throw new Error("README: the quick start has no field to remove");
  await writeFile(project.at("main.py"), older);
  const args = ["-m", "uvicorn", "main:app", "--port", "0"];
  await using server = await startPython(await pythonEnvironment("shop-0.14"), args, {
    cwd: project.path,
    ready: /http:\/\/127\.0\.0\.1:(\d+)/,
  });
  const flags = ["--deployed", server.url, "--client-root", "web"];
  const output = await project.pyrpc(1, "check", "schema.json", ...flags);
  const url = "https://api.example.com";
  return terminalPicture(
    "Before a frontend is deployed",
    "pyrpc check --deployed names the field that the deployed server lacks, and the line that uses it",
    `$ pyrpc check schema.json --deployed ${url} --client-root web\n${output}`
      .replaceAll(server.url, url),
  );
}
