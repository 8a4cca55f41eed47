import assert from "node:assert/strict";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { test } from "node:test";
import type { ToolError } from "../../lib/errors.ts";
import { explainMissing } from "../../lib/python/missing_module.ts";
import { findInterpreter, importLimit, installCommand } from "../../lib/python/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SKIP = process.platform === "win32" && "programs are made as shell scripts";
const program = (output: string) => `#!/bin/sh\nprintf '%s' '${output}'\n`;

async function project(files: Readonly<Record<string, string>>) {
  const folder = await tempFolder(files);
  for (const [name, content] of Object.entries(files)) {
    if (content.startsWith("#!")) await chmod(folder.at(name), 0o755);
  }
  return folder;
}

test(
  "findInterpreter() prefers the requested interpreter",
  { skip: SKIP },
  async () => {
    await using folder = await project({
      "mine/bin/python": program("3.13.0"),
      "theirs/bin/python": program("3.13.0"),
      "active/bin/python": program("3.13.0"),
      ".venv/bin/python": program("3.13.0"),
    });
    const env = { PYRPC_PYTHON: folder.at("theirs"), VIRTUAL_ENV: folder.at("active") };
    const find = (python: string | undefined, variables: Record<string, string>) =>
      findInterpreter({ python, env: variables, folder: folder.path });
    const found = [
      await find("mine", env),
      await find("mine/bin/python", env),
      await find(undefined, env),
      await find(undefined, { VIRTUAL_ENV: env.VIRTUAL_ENV }),
      await find(undefined, {}),
    ];
    assert.deepEqual(found.map(({ command, origin }) => [command, origin]), [
      [folder.at("mine/bin/python"), "--python"],
      [folder.at("mine/bin/python"), "--python"],
      [folder.at("theirs/bin/python"), "PYRPC_PYTHON"],
      [folder.at("active/bin/python"), "the active environment (VIRTUAL_ENV)"],
      [folder.at(".venv/bin/python"), folder.at(".venv")],
    ]);
  },
);

test(
  "findInterpreter() names the project's environment if another one is active",
  { skip: SKIP },
  async () => {
    await using folder = await project({
      "active/bin/python": program("3.13.0"),
      ".venv/bin/python": program("3.13.0"),
      "app/.venv/bin/python": program("3.13.0"),
      "workspace/pyproject.toml": "",
      "workspace/.venv/bin/python": program("3.13.0"),
      "workspace/app/main.py": "",
      "bare/main.py": "",
    });
    await symlink(folder.at("app/.venv"), folder.at("link"));
    const rows = [
      ["app", "active", "app/.venv"],
      ["workspace/app", "active", "workspace/.venv"],
      // The environment of an outer folder may be for anything.
      ["bare", "active", undefined],
      ["app", "app/.venv", undefined],
      ["app", "link", undefined],
    ] as const;
    for (const [name, active, unused] of rows) {
      const env = { VIRTUAL_ENV: folder.at(active) };
      const found = await findInterpreter({ env, folder: folder.at(name) });
      assert.equal(found.command, folder.at(`${active}/bin/python`));
      assert.equal(found.unused, unused === undefined ? undefined : folder.at(unused), name);
    }
  },
);

test("findInterpreter() looks for .venv and venv upwards", { skip: SKIP }, async () => {
  await using folder = await project({
    "venv/bin/python": program("3.13.0"),
    "a/b/main.py": "",
  });
  const { command } = await findInterpreter({ env: {}, folder: folder.at("a/b") });
  assert.equal(command, folder.at("venv/bin/python"));
});

for (
  const [manager, marker, content, tool] of [
    ["uv", "uv.lock", "", "uv"],
    ["uv", "pyproject.toml", "[tool.uv]\n", "uv"],
    ["poetry", "pyproject.toml", "[tool.poetry]\nname = 'x'\n", "poetry"],
    ["pdm", "pyproject.toml", "[tool.pdm.scripts]\n", "pdm"],
    ["pipenv", "Pipfile", "", "pipenv"],
  ] as const
) {
  test(`findInterpreter() asks ${tool} where ${marker} exists`, { skip: SKIP }, async () => {
    await using folder = await project({
      [`project/${marker}`]: content,
      "there/bin/python": program("3.13.0"),
      [`bin/${tool}`]: "#!/bin/sh\n. ./../bin/answer\n",
      "bin/python3": program("3.13.0"),
    });
    await folder.write({ "bin/answer": `echo noise\necho ${folder.at("there/bin/python")}\n` });
    const found = await findInterpreter({
      env: { PATH: folder.at("bin") },
      folder: folder.at("project"),
    });
    assert.equal(found.command, folder.at("there/bin/python"));
    assert.equal(found.manager, manager);
    assert.match(installCommand(found, ["pyrpc-core[fastapi]"]), new RegExp(`^${tool} `));
    assert.match(installCommand(found, ["pyrpc-core[fastapi]"]), / "pyrpc-core\[fastapi\]"$/);
  });
}

test("findInterpreter() passes over programs on PATH that are too old or no Python", {
  skip: SKIP,
}, async () => {
  await using folder = await project({
    "a/python3": program("3.8.10"),
    "a/python": "#!/bin/sh\nexit 9009\n",
    "b/python3.12": program("3.12.1"),
  });
  const path = [folder.at("a"), folder.at("b")].join(delimiter);
  const found = await findInterpreter({ env: { PATH: path }, folder: folder.path });
  assert.equal(found.command, folder.at("b/python3.12"));
  assert.equal(installCommand(found, ["x"]), `${folder.at("b/python3.12")} -m pip install x`);
});

test("findInterpreter() tries every Python of a name on PATH, whatever the first one is", {
  skip: SKIP,
}, async () => {
  await using folder = await project({
    "a/python3": "\0\0\0\0 another format",
    "b/python3": "#!/bin/sh\nexit 9009\n",
    "c/python3": program("3.12.1"),
  });
  await chmod(folder.at("a/python3"), 0o755);
  const path = ["a", "b", "c"].map((name) => folder.at(name)).join(delimiter);
  const found = await findInterpreter({ env: { PATH: path }, folder: folder.path });
  assert.equal(found.command, folder.at("c/python3"));
});

test(
  "findInterpreter() reports an old Python with its version and place",
  { skip: SKIP },
  async () => {
    await using folder = await project({ "a/python3": program("3.8.10") });
    await assert.rejects(
      findInterpreter({ env: { PATH: folder.at("a") }, folder: folder.path }),
      { code: "PYTHON_TOO_OLD", exitCode: 4, message: /3\.8\.10 .*3\.11/ },
    );
  },
);

test("findInterpreter() reports the missing part", async () => {
  await using folder = await tempFolder();
  const options = { env: { PATH: folder.path }, folder: folder.path };
  await assert.rejects(findInterpreter(options), { code: "PYTHON_MISSING", exitCode: 4 });
  await assert.rejects(findInterpreter({ ...options, python: "nope" }), {
    code: "PYTHON_NOT_FOUND",
    message: 'No Python at "nope"',
    where: "--python",
  });
  await assert.rejects(
    findInterpreter({ ...options, env: { PYRPC_PYTHON: "./x/python" } }),
    { code: "PYTHON_NOT_FOUND", where: "PYRPC_PYTHON" },
  );
});

test("importLimit() reads seconds, and nothing but sensible ones", () => {
  const values = ["2.5", "", "0", "-1", "NaN", "1e9", "x", undefined];
  assert.deepEqual(
    values.map((value) => importLimit({ PYRPC_IMPORT_TIMEOUT: value })),
    [2500, undefined, undefined, undefined, undefined, undefined, undefined, undefined],
  );
});

test(
  "findInterpreter() prefers the project's environment to conda's base, and no other active one",
  {
    skip: SKIP,
  },
  async () => {
    await using folder = await project({
      "conda/bin/python": program("3.13.0"),
      "other/bin/python": program("3.13.0"),
      "app/.venv/bin/python": program("3.13.0"),
      "app/uv.lock": "",
      "bare/main.py": "",
    });
    const own = "app/.venv/bin/python";
    const conda = { CONDA_PREFIX: folder.at("conda") };
    const rows = [
      ["app", { ...conda, CONDA_DEFAULT_ENV: "base" }, own, "uv add x"],
      [
        "app",
        { ...conda, CONDA_DEFAULT_ENV: "shop" },
        "conda/bin/python",
        "uv pip install --python",
      ],
      ["app", { VIRTUAL_ENV: folder.at("other") }, "other/bin/python", "uv pip install --python"],
      ["app", { VIRTUAL_ENV: folder.at("app/.venv") }, own, "uv add x"],
      ["app", { PYRPC_PYTHON: folder.at("other") }, "other/bin/python", "uv pip install --python"],
      ["bare", { ...conda, CONDA_DEFAULT_ENV: "base" }, "conda/bin/python", "-m pip install x"],
    ] as const;
    for (const [name, env, command, install] of rows) {
      const found = await findInterpreter({ env: { PATH: "", ...env }, folder: folder.at(name) });
      assert.equal(found.command, folder.at(command), JSON.stringify(env));
      assert.ok(installCommand(found, ["x"]).includes(install), installCommand(found, ["x"]));
      // A command acts on the interpreter that was found, whatever else is active.
      if (!install.startsWith("uv add")) {
        assert.ok(
          installCommand(found, ["x"]).includes(found.command),
        );
      }
    }
  },
);

test(
  "findInterpreter() reports an environment whose Python no longer exists, unless another one is named",
  {
    skip: SKIP,
  },
  async () => {
    await using folder = await project({
      ".venv/pyvenv.cfg": "",
      "requirements.txt": "",
      "path/python3": program("3.13.0"),
    });
    await mkdir(folder.at(".venv/bin"));
    await symlink("/nowhere/python3.10", folder.at(".venv/bin/python"));
    const options = { env: { PATH: folder.at("path") }, folder: folder.path };
    await assert.rejects(findInterpreter(options), (error: ToolError) => {
      assert.equal(error.code, "PYTHON_ENVIRONMENT_BROKEN");
      assert.match(error.fix.join(), /-m venv --clear .*\.venv && .*pip install -r .*requirements/);
      return true;
    });
    const named = await findInterpreter({ ...options, python: "path/python3" });
    assert.equal(named.command, folder.at("path/python3"));
  },
);

test("findInterpreter() accepts an environment called env, but no other folder of that name", {
  skip: SKIP,
}, async () => {
  await using folder = await project({
    "a/env/bin/python": program("3.13.0"),
    "a/env/pyvenv.cfg": "",
    "b/env/bin/python": program("3.13.0"),
    "path/python3": program("3.13.0"),
  });
  const find = async (name: string) =>
    (await findInterpreter({ env: { PATH: folder.at("path") }, folder: folder.at(name) })).command;
  assert.equal(await find("a"), folder.at("a/env/bin/python"));
  assert.equal(await find("b"), folder.at("path/python3"));
});

test("findInterpreter() accepts the only environment of a folder, whatever its name", {
  skip: SKIP,
}, async () => {
  await using folder = await project({
    "one/py311/bin/python": program("3.13.0"),
    "one/py311/pyvenv.cfg": "",
    "two/a/bin/python": program("3.13.0"),
    "two/a/pyvenv.cfg": "",
    "two/b/bin/python": program("3.13.0"),
    "two/b/pyvenv.cfg": "",
    "path/python3": program("3.13.0"),
  });
  const find = async (name: string) =>
    (await findInterpreter({ env: { PATH: folder.at("path") }, folder: folder.at(name) })).command;
  assert.equal(await find("one"), folder.at("one/py311/bin/python"));
  assert.equal(await find("two"), folder.at("path/python3"));
});

test("findInterpreter() leaves the environment to its package manager if it does not exist yet", {
  skip: SKIP,
}, async () => {
  await using folder = await project({
    "app/Pipfile": "",
    "bin/python3": program("3.13.0"),
    "tools/pipenv": "#!/bin/sh\nexit 1\n",
    "uv/uv.lock": "",
    "tools/uv": "#!/bin/sh\nexit 2\n",
  });
  const find = (name: string, ...path: string[]) =>
    findInterpreter({
      env: { PATH: path.map((each) => folder.at(each)).join(delimiter) },
      folder: folder.at(name),
    });
  const managed = await find("app", "tools", "bin");
  assert.equal(installCommand(managed, ["x"]), "pipenv install x");
  const alone = await find("app", "bin");
  assert.equal(installCommand(alone, ["x"]), `${folder.at("bin/python3")} -m pip install x`);
  await assert.rejects(find("uv", "tools"), { code: "PYTHON_MISSING", command: "uv sync" });
});

test("installCommand() makes an environment where the system manages the packages", {
  skip: SKIP,
}, async () => {
  // [the program, its library], the second as on Windows
  for (
    const [path, library] of [
      ["usr/bin/python3", "usr/lib/python3.13"],
      ["python/python3", "python/Lib"],
    ] as const
  ) {
    await using folder = await project({
      [path]: program("3.13.0"),
      [`${library}/EXTERNALLY-MANAGED`]: "",
    });
    const python = folder.at(path);
    const found = await findInterpreter({ env: { PATH: dirname(python) }, folder: folder.path });
    assert.equal(
      installCommand(found, ["a", "b"]),
      `${python} -m venv .venv && .venv/bin/pip install a b`,
    );
  }
});

test("proposed commands name files of the project as they are typed in the working folder", {
  skip: SKIP,
}, async () => {
  await using folder = await project({
    "bin/python3": program("3.12.1"),
    "lib/python3.12/EXTERNALLY-MANAGED": "",
    "api/app/main.py": "",
  });
  const env = { PATH: folder.at("bin") };
  // [the folder of the shell, the path of the project's files]
  for (const [cwd, path] of [["api", ""], ["api/app", "../"], [".", "api/"]] as const) {
    const found = await findInterpreter({ env, folder: folder.at("api"), cwd: folder.at(cwd) });
    assert.equal(
      installCommand(found, ["x"]),
      `${folder.at("bin/python3")} -m venv ${path}.venv && ${path}.venv/bin/pip install x`,
    );
    const lists = [{ file: "requirements.txt", names: ["stripe"] }];
    const { command } = explainMissing("stripe", { cause: "unknown", lists }, found);
    assert.equal(
      command,
      `${folder.at("bin/python3")} -m pip install -r ${path}requirements.txt`,
    );
  }
});

test("installCommand() replaces a pip that the environment lacks", { skip: SKIP }, async () => {
  const pip = { ".venv/lib/python3.12/site-packages/pip/__init__.py": "" };
  // [pyvenv.cfg, other files, the command before the package]
  for (
    const [config, files, install] of [
      ["home = /usr/bin\nuv = 0.8.1\n", {}, "uv pip install --python PYTHON"],
      ["home = /usr/bin\nuv = 0.8.1\n", pip, "PYTHON -m pip install"],
      ["home = /usr/bin\n", {}, "PYTHON -m ensurepip && PYTHON -m pip install"],
      ["home = /usr/bin\n", pip, "PYTHON -m pip install"],
      ["include-system-site-packages = true\n", {}, "PYTHON -m pip install"],
    ] as const
  ) {
    await using folder = await project({
      ".venv/bin/python": program("3.12.1"),
      ".venv/pyvenv.cfg": config,
      ...files,
    });
    const found = await findInterpreter({ env: {}, folder: folder.path });
    const python = folder.at(".venv/bin/python");
    assert.equal(installCommand(found, ["x"]), `${install} x`.replaceAll("PYTHON", python));
    const lists = [{ file: "requirements.txt", names: ["x"] }];
    assert.equal(
      explainMissing("x", { cause: "unknown", lists }, found).command,
      `${install} -r requirements.txt`.replaceAll("PYTHON", python),
    );
  }
});
