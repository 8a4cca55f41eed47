import { writeFile } from "node:fs/promises";
import { readQuickStart, renamed } from "../quick_start.ts";
import { shopProject } from "./shop_project.ts";
import { terminalPicture } from "./terminal_picture.ts";

/** `pyrpc diff --client-root` after a field of the quick start was renamed. */
export async function brokenLinesPicture() {
  const { python } = await readQuickStart();
  await using project = await shopProject(python);
  await project.pyrpc(0, "codegen", "main", "--out", "web/src/api.ts", "--client");
  await project.pyrpc(0, "pull", "main", "-o", "schema.json");
  await writeFile(project.at("main.py"), renamed(python));
  const output = await project.pyrpc(1, "diff", "schema.json", "main", "--client-root", "web");
  return terminalPicture(
    "Lines that break",
    "pyrpc diff lists the line of the frontend that a renamed field breaks",
    `$ pyrpc diff schema.json main --client-root web\n${output}`,
  );
}
