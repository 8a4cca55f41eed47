import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import {
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { platform } from "node:os";
import process from "node:process";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { DevSession } from "../../lib/dev/mod.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { systemClock } from "../../lib/runtime/mod.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, type PythonEnvironmentName, pythonSkip } from "../support/python.ts";
import { removeInUse } from "../support/remove_in_use.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

// Symbolic links and Git.
const skip = platform() === "win32" ? "links need rights" : pythonSkip();

interface Framework {
  readonly environment: PythonEnvironmentName;
  readonly entrypoint: string;
  readonly files: Readonly<Record<string, string>>;
}

const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  fastapi: {
    environment: "shop-0.14",
    entrypoint: "main",
    files: {
      "main.py":
        "import procedures\nfrom fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\napp = FastAPI()\nmount_fastapi(app)\n",
    },
  },
  flask: {
    environment: "shop-0.14",
    entrypoint: "main",
    files: {
      "main.py":
        "import procedures\nfrom flask import Flask\nfrom pyrpc_flask import mount_flask\napp = Flask('main')\nmount_flask(app)\n",
    },
  },
  asgi: {
    environment: "shop-0.14",
    entrypoint: "main",
    files: {
      "main.py":
        "import procedures\nfrom pyrpc_core import PyRPCAsgiApp, default_router\napp = PyRPCAsgiApp(default_router)\n",
    },
  },
  django: {
    environment: "django-0.14",
    entrypoint: "site_urls",
    files: {
      "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n',
      "settings.py": 'SECRET_KEY = "x"\nDEBUG = True\nROOT_URLCONF = "site_urls"\n',
      "site_urls.py":
        "import procedures\nfrom pyrpc_django import mount_django\nurlpatterns = []\nmount_django(urlpatterns)\n",
    },
  },
};

const procedure = (name: string) =>
  `from pyrpc_core import rpc\n@rpc\ndef ${name}(a: int) -> int:\n    return a\n`;
const TYPES = "web/node_modules/@pyrpc/types/src/index.ts";
const git = (folder: TempFolder, ...args: string[]) =>
  promisify(execFile)(
    "git",
    ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", ...args],
    { cwd: folder.at("api") },
  );

/** A project under change; `file` is the module that is saved. */
interface Edited {
  readonly folder: TempFolder;
  readonly file: string;
  readonly port: number;
  /** Resolves when the types and the server have a procedure, and not another one. */
  shows(name: string, gone?: string): Promise<void>;
}

/** One kind of save: a new text of the module has the procedure `name`. */
type Save = (edited: Edited, name: string) => Promise<void>;

async function replace(file: string, text: string, temporary: string): Promise<void> {
  await writeFile(temporary, text);
  await rename(temporary, file);
}

const vim: Save = async ({ file }, name) => {
  await rename(file, `${file}~`);
  await writeFile(file, procedure(name));
  await rm(`${file}~`);
};
const atomic: Save = ({ file }, name) => replace(file, procedure(name), `${file}.tmp`);

const SAVES: Readonly<Record<string, Save>> = {
  plain: ({ file }, name) => writeFile(file, procedure(name)),
  vim,
  vim_again: vim,
  async vim_with_probe(edited, name) {
    const probe = edited.folder.at("api/4913");
    await writeFile(probe, "");
    await rm(probe);
    await vim(edited, name);
  },
  async truncate_and_write({ file }, name) {
    const handle = await open(file, "r+");
    await handle.truncate(0);
    await delay(5);
    await handle.write(procedure(name));
    await handle.close();
  },
  atomic,
  atomic_again: atomic,
  async pycharm({ file }, name) {
    await writeFile(`${file}___jb_tmp___`, procedure(name));
    await rename(file, `${file}___jb_old___`);
    await rename(`${file}___jb_tmp___`, file);
    await rm(`${file}___jb_old___`);
  },
  async two_in_the_debounce({ file }, name) {
    await writeFile(file, procedure(`${name}_first`));
    await delay(30);
    await writeFile(file, procedure(name));
  },
  async formatter({ file }, name) {
    await writeFile(file, procedure(name).replaceAll("    ", "  "));
    await delay(250);
    await writeFile(file, procedure(name));
  },
  async syntax_error({ file, port }, name) {
    await writeFile(file, "def broken(:\n");
    await delay(400);
    assert.equal((await fetch(`http://127.0.0.1:${port}/rpc`)).status, 200);
    await writeFile(file, procedure(name));
  },
  async delete_and_restore({ file }, name) {
    await rm(file);
    await delay(200);
    await writeFile(file, procedure(name));
  },
  async same_time({ file }, name) {
    const { atime, mtime } = await stat(file);
    await writeFile(file, procedure(name));
    await utimes(file, atime, mtime);
  },
  async touch(edited, name) {
    await writeFile(edited.file, procedure(name));
    await edited.shows(name);
    await utimes(edited.file, new Date(), new Date());
    await delay(300);
  },
  async new_module({ folder, file }, name) {
    await writeFile(folder.at("api/added.py"), procedure(name));
    await writeFile(file, "import added\n");
  },
  edit_of_it: ({ folder }, name) => writeFile(folder.at("api/added.py"), procedure(name)),
  async package_renamed({ folder, file, shows }, name) {
    await folder.write({
      "api/package/__init__.py": "",
      "api/package/inner.py": procedure(`${name}_inner`),
    });
    await writeFile(file, `import package.inner\n${procedure(`${name}_outer`)}`);
    await shows(`${name}_inner`);
    await rename(folder.at("api/package"), folder.at("api/renamed"));
    await writeFile(file, `import renamed.inner\n${procedure(`${name}_there`)}`);
    await shows(`${name}_there`);
    await rename(folder.at("api/renamed"), folder.at("api/package"));
    await writeFile(file, `import package.inner\n${procedure(name)}`);
  },
  async branch_of_many_files({ folder, file, shows }, name) {
    await writeFile(file, procedure(`${name}_main`));
    await git(folder, "init", "-q", "-b", "main");
    await git(folder, "add", ".");
    await git(folder, "commit", "-qm", "main");
    await git(folder, "checkout", "-qb", "other");
    await mkdir(folder.at("api/many"), { recursive: true });
    for (let number = 0; number < 300; number++) {
      await writeFile(folder.at(`api/many/m${number}.py`), `x = ${number}\n`);
    }
    await writeFile(file, procedure(`${name}_branch`));
    await git(folder, "add", ".");
    await git(folder, "commit", "-qm", "other");
    await shows(`${name}_branch`);
    await git(folder, "checkout", "-q", "main");
    await shows(`${name}_main`, `${name}_branch`);
    await git(folder, "checkout", "-q", "other");
    await shows(`${name}_branch`, `${name}_main`);
    await writeFile(file, procedure(name));
  },
  async stash_and_pop({ folder, file, shows }, name) {
    await writeFile(file, procedure(`${name}_stashed`));
    await shows(`${name}_stashed`);
    await git(folder, "stash", "-q");
    await shows("branch_of_many_files_branch", `${name}_stashed`);
    await git(folder, "stash", "pop", "-q");
    await shows(`${name}_stashed`);
    await writeFile(file, procedure(name));
  },
  async linked_package({ folder, file, shows }, name) {
    const inner = folder.at("elsewhere/linked/inner.py");
    await folder.write({
      "elsewhere/linked/__init__.py": "",
      "elsewhere/linked/inner.py": procedure(`${name}_inner`),
    });
    await symlink(folder.at("elsewhere/linked"), folder.at("api/linked"));
    await writeFile(file, "import linked.inner\n");
    await shows(`${name}_inner`);
    await writeFile(inner, procedure(`${name}_edited`));
    await shows(`${name}_edited`);
    await replace(inner, procedure(name), `${inner}.tmp`);
  },
  async deleted_types({ folder, file, shows }, name) {
    await writeFile(file, procedure(name));
    await shows(name);
    await removeInUse(folder.at("web/node_modules"));
    await waitUntil(() => existsSync(folder.at(TYPES)));
  },
};

const IN_GATE = ["plain", "vim", "atomic", "syntax_error"];
const saves = casesToRun(Object.entries(SAVES), ([kind]) => IN_GATE.includes(kind));

describe("dev follows every kind of save", { skip, timeout: 1_000_000 }, () => {
  for (const name of casesToRun(Object.keys(FRAMEWORKS), (each) => each === "django")) {
    test(name, async () => {
      const { environment, entrypoint, files } = FRAMEWORKS[name]!;
      await using folder = await tempFolder({
        "web/package.json": "{}",
        "api/procedures.py": procedure("start"),
        "api/.gitignore": "__pycache__\n",
        "api/pyrpc.json": JSON.stringify({
          version: 1,
          framework: name,
          entrypoint,
          client_root: "../web",
          distribution: "workspace",
        }),
        ...Object.fromEntries(Object.entries(files).map(([file, text]) => [`api/${file}`, text])),
      });
      const { python } = await pythonEnvironment(environment);
      const port = await freePort();
      const load = () =>
        loadProject({
          cwd: folder.at("api"),
          env: {},
          overrides: { python, port, debounce: 100 },
        });
      const state = await load();
      assert.ok(state.kind === "ready");
      const session = new DevSession({
        project: state.project,
        reload: load,
        env: process.env,
        cwd: folder.at("api"),
        server: "own",
        clock: systemClock,
        onEvent: () => {},
        onFailure: (error) => {
          throw error;
        },
      });
      const shows = async (wanted: string, gone?: string) => {
        const holds = (names: readonly string[]) =>
          names.includes(wanted) && (gone === undefined || !names.includes(gone));
        await waitUntil(async () => {
          const types = await readFile(folder.at(TYPES), "utf8").catch(() => "");
          return holds(types.match(/\w+/g) ?? []);
        });
        await waitUntil(async () => {
          const response = await fetch(`http://127.0.0.1:${port}/rpc`).catch(() => undefined);
          if (response === undefined) return false;
          return holds(Object.keys(await response.json() as Record<string, unknown>));
        });
      };
      const edited: Edited = { folder, file: folder.at("api/procedures.py"), port, shows };
      try {
        await session.start();
        await shows("start");
        let before = "start";
        for (const [kind, save] of saves) {
          try {
            await save(edited, kind);
            await shows(kind, before);
          } catch (error) {
            throw new Error(`${name}: ${kind}`, { cause: error });
          }
          before = kind;
        }
      } finally {
        await session.end();
      }
    });
  }
});
