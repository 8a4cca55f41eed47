import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { watchProject } from "../../lib/dev/watch_project.ts";
import { tempFolder } from "../support/temp_folder.ts";

for (const poll of [false, true]) {
  test(`watchProject() reports sources and settings${poll ? " by polling" : ""}`, async () => {
    await using folder = await tempFolder({ "main.py": "a = 1\n", ".env": "A=1\n", "x.txt": "" });
    let report = (_path: string) => {};
    const watched = await watchProject({
      folder: folder.path,
      config: undefined,
      poll,
      onSource: (path) => report(path),
      onConfig: () => {},
      onFailure: (error) => assert.fail(error),
    });
    try {
      for (const name of ["main.py", ".env"]) {
        const seen = new Promise<string>((resolve) => report = resolve);
        await writeFile(folder.at("x.txt"), "changed");
        await writeFile(folder.at(name), `# another content of ${name}\n`);
        assert.equal(await seen, folder.at(name));
      }
    } finally {
      await watched.close();
    }
  });
}
