import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
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
