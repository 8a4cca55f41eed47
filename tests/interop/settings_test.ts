import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../lib/process/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { casesToRun } from "../support/verify.ts";

const HEAD = `from pydantic import AliasChoices, BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from pyrpc_core import rpc
@rpc
def greet(name: str) -> str:
    return name
`;

interface Row {
  readonly name: string;
  readonly settings: string;
  /** The variables that the fix must name, with values that the settings accept. */
  readonly variables: Readonly<Record<string, string>>;
  /** Set from the start, and not accepted. */
  readonly wrong?: Readonly<Record<string, string>>;
}

const ROWS: readonly Row[] = [
  {
    name: "several fields and a wrong value",
    settings: "class Settings(BaseSettings):\n    database_url: str\n    secret_key: SecretStr\n" +
      "    debug: bool\nSettings()\n",
    variables: { DATABASE_URL: "x", SECRET_KEY: "x" },
    wrong: { DEBUG: "perhaps" },
  },
  {
    name: "a prefix",
    settings:
      'class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix="shop_")\n' +
      "    port: int\nSettings()\n",
    variables: { SHOP_PORT: "1" },
  },
  {
    name: "aliases",
    settings: 'class Settings(BaseSettings):\n    a: str = Field(alias="the_a")\n' +
      '    b: str = Field(validation_alias="THE_B")\n' +
      '    c: str = Field(validation_alias=AliasChoices("first_c", "second_c"))\nSettings()\n',
    variables: { THE_A: "x", THE_B: "x", FIRST_C: "x" },
  },
  {
    name: "a nested model",
    settings: "class Db(BaseModel):\n    url: str\n    size: int = 1\n" +
      'class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter="__")\n' +
      "    db: Db = Field(default_factory=dict, validate_default=True)\nSettings()\n",
    variables: { DB__URL: "x" },
  },
  {
    name: "names whose case matters",
    settings:
      "class Settings(BaseSettings):\n    model_config = SettingsConfigDict(case_sensitive=True)\n" +
      "    apiKey: str\nSettings()\n",
    variables: { apiKey: "x" },
  },
  {
    name: "settings below a dependency",
    settings: "from functools import cache\nclass Base(BaseSettings):\n    token: str\n" +
      "class Settings(Base):\n    pass\n@cache\ndef settings():\n    return Settings()\nsettings()\n",
    variables: { TOKEN: "x" },
  },
];

for (const row of casesToRun(ROWS, ({ name }) => name === "aliases")) {
  test(`the variables that settings lack are named, and setting them is enough: ${row.name}`, {
    skip: pythonSkip(),
    timeout: 300_000,
  }, async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    const settings = await pythonEnvironment("settings");
    const script = "import sysconfig; print(sysconfig.get_path('purelib'))";
    const path = (await runProgram(settings.python, ["-c", script], {})).stdout.trim();
    const inspect = (env: Readonly<Record<string, string>>) =>
      runCli(["inspect", "main"], {
        files: { "main.py": HEAD + row.settings },
        env: { PYRPC_PYTHON: python, PYTHONPATH: path, ...env },
      });
    const before = await inspect(row.wrong ?? {});
    assert.notEqual(before.code, 0);
    const named = /Set (?:it|them) \((.+)\) in the environment/.exec(before.stderr);
    assert.ok(named, before.stderr);
    assert.deepEqual(named[1]?.split(", "), Object.keys(row.variables), before.stderr);
    for (const name of Object.keys(row.wrong ?? {})) {
      assert.match(before.stderr, new RegExp(`${name}: Input should be`));
    }
    const right = Object.fromEntries(Object.keys(row.wrong ?? {}).map((name) => [name, "1"]));
    const after = await inspect({ ...row.variables, ...right });
    assert.equal(after.code, 0, after.stderr);
  });
}
