import { cp, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { JOINED_ROUTES } from "../../lib/django_urls.ts";
import { freePort } from "./free_port.ts";
import { pythonEnvironment, type RunningServer, startPython } from "./python.ts";
import { type TempFolder, tempFolder } from "./temp_folder.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));

/** The example backend as a Django project in `api`, beside a client in `web`. */
export async function djangoShop(
  files: Readonly<Record<string, string>> = {},
): Promise<TempFolder> {
  const folder = await tempFolder({ "web/package.json": "{}", "api/.keep": "" });
  await cp(`${FIXTURES}/shop_django`, folder.at("api"), { recursive: true });
  for (const name of ["models.py", "procedures.py"]) {
    await cp(`${FIXTURES}/shop/${name}`, folder.at("api", name));
  }
  await folder.write(files);
  return folder;
}

/** Adds the lines after which `GET /rpc` and batches are answered. */
export async function joinRoutes(folder: TempFolder): Promise<void> {
  const file = folder.at("api/mysite/urls.py");
  await writeFile(file, `${await readFile(file, "utf8")}${JOINED_ROUTES.join("\n")}\n`);
}

/** Runs `manage.py runserver`, and waits until it answers. */
export async function runserver(folder: TempFolder): Promise<RunningServer> {
  const port = await freePort();
  const args = ["manage.py", "runserver", `127.0.0.1:${port}`, "--noreload", "--skip-checks"];
  return await startPython(await pythonEnvironment("django-0.14"), args, {
    cwd: folder.at("api"),
    ready: /http:\/\/127\.0\.0\.1:(\d+)/,
  });
}
