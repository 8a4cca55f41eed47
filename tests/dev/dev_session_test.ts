import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProjectConfig, ProjectState } from "../../lib/project/mod.ts";
import type { HttpState } from "../../lib/dev/ask_http.ts";
import { DevSession } from "../../lib/dev/dev_session.ts";
import type { DevEvent, ServerRole } from "../../lib/dev/dev_event.ts";
import { followPythonModule } from "../../lib/dev/follow_module.ts";
import type { LoopParts } from "../../lib/dev/module_loop.ts";
import type { ProjectWatch } from "../../lib/dev/watch_project.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakePython, fakeSchemas } from "../support/fake_python.ts";

const PROJECT: ProjectConfig = {
  corsOrigins: [],
  path: "/project/pyrpc.json",
  folder: "/project",
  format: "v1",
  framework: "asgi",
  entrypoint: "main",
  module: "main",
  application: undefined,
  distribution: "workspace",
  layout: "package",
  clients: [],
  host: "127.0.0.1",
  port: 8000,
  debounce: 100,
  python: undefined,
  snapshot: undefined,
  allow: [],
  values: [],
  warnings: [],
};

/** A step: an action with arguments (`answer a b` is an answer with two procedures), or milliseconds to wait. */
type Step = number | string;

/** The parts of a loop that use the system, without any. */
function fakeParts(log: (line: string) => void) {
  const stamps = new Map<string, number>();
  const contents = new Map<string, number>();
  let wrote = (_path: string) => {};
  const python = { current: new FakePython(log), packages: "" };
  let project: ProjectWatch | undefined;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const parts: LoopParts = {
    connect: (_target, onWrote) => {
      wrote = onWrote;
      return Promise.resolve(python.current = new FakePython(log));
    },
    watch: (watched) => {
      project = watched;
      return Promise.resolve({ add: () => {}, close: () => Promise.resolve() });
    },
    async readStamp(file) {
      if (file === "slow.py") await released;
      return String(stamps.get(file) ?? 0);
    },
    readDigest: (file) => Promise.resolve(String(contents.get(file) ?? 0)),
    packagesStamp: () => Promise.resolve(python.packages),
  };
  const touch = (file: string) => stamps.set(file, (stamps.get(file) ?? 0) + 1);
  const write = (file: string) => {
    touch(file);
    contents.set(file, (contents.get(file) ?? 0) + 1);
  };
  const actions: Record<string, (...args: string[]) => unknown> = {
    save: (file = "main.py") => {
      write(file);
      project?.onSource(file);
    },
    "save-same": (file = "main.py") => {
      touch(file);
      project?.onSource(file);
    },
    "touch-unnoticed": () => touch("main.py"),
    // The backend writes a file while it is imported.
    generate: (file = "gen.py") => {
      wrote(file);
      write(file);
      project?.onSource(file);
    },
    "save-unnoticed": () => write("main.py"),
    answer: (...names) => python.current.answer(...names),
    "import-slow": () => python.current.files = ["main.py", "slow.py"],
    release: () => release(),
    install: () => python.packages += "x",
    "watch-fails": () => project?.onFailure(new Error("no more handles")),
  };
  return { parts, python, write, actions, watched: () => project };
}

function shown(event: DevEvent): string {
  switch (event.kind) {
    case "contract":
      return `contract ${event.procedures} +${event.changes.procedures.added.join()}`;
    case "server":
      return event.state;
    case "server_failed":
      return `failed ${event.exit?.code ?? event.reason}`;
    case "schema_broken":
      return `schema ${event.reason}${event.isGuarded ? " (guarded)" : ""}`;
    case "config":
      return `config ${event.project.port}`;
    case "config_broken":
      return `config_broken ${event.error.code}`;
    case "broken":
      return `broken ${event.error.code}`;
    case "attached_stale":
      return `stale ${/differs in .*\)/.exec(event.response)}`;
    case "own_writes":
      return `own writes ${event.paths}`;
    default:
      return event.kind;
  }
}

interface Row {
  readonly name: string;
  readonly server?: ServerRole;
  readonly project?: Partial<ProjectConfig>;
  readonly steps: readonly Step[];
  readonly want: readonly string[];
}

const START = ["ask 1 main", "contract 1 +"];

const ROWS: readonly Row[] = [
  {
    name: "describes after a save, and asks while the debounce still waits",
    steps: ["answer a", "save", 40, "log", 30, "answer a b", 30],
    want: [...START, "ask 2 main", "at 40", "contract 2 +b"],
  },
  {
    name: "drops the early answer when another save follows",
    steps: ["answer a", "save", 50, "save", 50, "answer a b", 50],
    want: [...START, "ask 2 main", "cancel 2", "ask 3 main", "contract 2 +b"],
  },
  {
    name: "finds changes without an event also while the import fails",
    steps: ["answer a", "save", 100, "answer", 30, "save-unnoticed", 440, "answer b", 100],
    want: [...START, "ask 2 main", "broken BACKEND_SYNTAX", "ask 3 main", "contract 1 +b"],
  },
  {
    name: "finds a change that no event reports",
    steps: ["answer a", "save-unnoticed", 440, "answer b", 100],
    want: [...START, "ask 2 main", "contract 1 +b"],
  },
  {
    name: "ignores writes that leave the bytes unchanged, from every watcher",
    steps: [
      "answer a",
      "save-same",
      500,
      "touch-unnoticed",
      500,
      "save .env",
      100,
      "answer a",
      "save-same .env",
      500,
    ],
    want: [...START, "ask 2 main", "contract 1 +"],
  },
  {
    name:
      "names a file that the backend writes after three restarts, and restarts once for it after another change",
    steps: [
      "answer a",
      ...[1, 2, 3, 4, 5].flatMap(() => ["generate", 100, "answer a"]).slice(0, 9),
      "generate",
      500,
      "log",
      "save",
      100,
      "answer a",
      ...["generate", 100, "answer a"],
      "generate",
      500,
    ],
    want: [
      ...START,
      ...["ask 2 main", "contract 1 +", "ask 3 main", "contract 1 +"],
      ...["ask 4 main", "own writes gen.py", "contract 1 +"],
      "at 800",
      ...[5, 6].flatMap((number) => [`ask ${number} main`, "contract 1 +"]),
    ],
  },
  {
    name: "follows a file that a person saves again and again",
    steps: ["answer a", ...[1, 2, 3, 4, 5, 6].flatMap(() => ["save", 100, "answer a"])],
    want: [
      ...START,
      ...[2, 3, 4, 5, 6, 7].flatMap((number) => [`ask ${number} main`, "contract 1 +"]),
    ],
  },
  {
    name: "reports an error once until it changes, or is fixed",
    steps: [
      "answer a",
      ...["save", 100, "answer", "install", 500, "answer", "save", 100, "answer"],
      ...["save", 100, "answer a", "save", 100, "answer"],
    ],
    want: [
      ...START,
      ...["ask 2 main", "broken BACKEND_SYNTAX", "ask 3 main", "ask 4 main"],
      ...["ask 5 main", "contract 1 +", "ask 6 main", "broken BACKEND_SYNTAX"],
    ],
  },
  {
    name: "describes again when a package was installed",
    steps: ["answer a", "install", 440, "answer a", 100],
    want: [...START, "ask 2 main", "contract 1 +"],
  },
  {
    name: "cancels a question that hangs when another save has settled",
    steps: [
      "answer a",
      "save",
      40,
      "save",
      100,
      200,
      "save",
      100,
      2900,
      "answer b",
    ],
    want: [
      ...START,
      "ask 2 main",
      "cancel 2",
      "ask 3 main",
      "cancel 3",
      "ask 4 main",
      "cancel 4",
      "ask 5 main",
      "contract 1 +b",
    ],
  },
  {
    name: "keeps the server while the code is broken, and restarts it when it is fixed",
    server: "own",
    steps: ["answer a", "save", 40, "answer", 60, "save", 40, "answer b", 60],
    want: [
      ...START,
      "serve 1 8000",
      "started",
      "ask 2 main",
      "broken BACKEND_SYNTAX",
      "ask 3 main",
      "contract 1 +b",
      "stop 1",
      "serve 3 8000",
      "restarted",
    ],
  },
  {
    name: "reports the end of its server, and starts it with the next change",
    server: "own",
    steps: ["answer a", "exit 1 7", 50, "save", 40, "answer a", 60],
    want: [
      ...START,
      "serve 1 8000",
      "started",
      "unlisten",
      "failed 7",
      "ask 2 main",
      "contract 1 +",
      "serve 2 8000",
      "restarted",
    ],
  },
  {
    name: "reports a server that does not start",
    server: "own",
    steps: ["unbound", "answer a", 50],
    want: [...START, "serve 1 8000", "unlisten", "stop 1", "failed the port is taken"],
  },
  {
    name: "reports a broken GET /rpc after each change, and its recovery once",
    server: "own",
    project: { distribution: "server" },
    steps: [
      "http 500",
      "answer a",
      50,
      "http 401",
      "save",
      40,
      "answer a",
      110,
      "http 200",
      "save",
      40,
      "answer a",
      110,
      "save",
      40,
      "answer a",
      110,
    ],
    want: [
      ...START,
      "serve 1 8000",
      "started",
      "schema answers 500",
      ...[2, 3, 4].flatMap((run) => [
        `ask ${run} main`,
        "contract 1 +",
        `stop ${run - 1}`,
        `serve ${run} 8000`,
        "restarted",
        ...[[], ["schema answers 401 (guarded)"], ["schema_recovered"], []][run - 1] ?? [],
      ]),
    ],
  },
  {
    name: "serves itself once the attached server refuses two connections in a row",
    server: "attached",
    steps: ["answer a", "refuse", 500, "accept", 500, "refuse", 500, "log", 500, "answer a"],
    want: [
      ...START,
      "at 1500",
      "attached_ended",
      "ask 2 main",
      "contract 1 +",
      "serve 2 8000",
      "started",
    ],
  },
  {
    name: "reports an attached server that still has another contract after a change, once",
    server: "attached",
    steps: [
      ...["answer a", "served a", "save", 100, "answer a b", 11_000, "log", 1000, "log", 9000],
      ...["served a b", "save", 100, "answer a b", 9000],
      ...["save", 100, "answer a b c", 3000, "served a b c", 9000],
    ],
    want: [
      ...START,
      ...["ask 2 main", "contract 2 +b", "at 11100", "stale differs in b)", "at 12100"],
      ...["ask 3 main", "contract 2 +"],
      ...["ask 4 main", "contract 3 +c"],
    ],
  },
  {
    name: "applies a changed configuration once",
    steps: ["answer a", "config-event entrypoint other", 100, "answer b", 400],
    want: [...START, "config 8000", "ask 2 other", "contract 1 +b"],
  },
  {
    name: "finds a changed configuration that no event reports",
    steps: ["answer a", "config entrypoint other", 400, "answer b", 400],
    want: [...START, "config 8000", "ask 2 other", "contract 1 +b"],
  },
  {
    name: "keeps the previous configuration while the file cannot be used",
    steps: ["answer a", "config-event incomplete", 1000],
    want: [...START, "config_broken CONFIG_INCOMPLETE"],
  },
  {
    name: "reports when the configuration can be used again",
    steps: ["answer a", "config-event incomplete", 400, "config-event port 8000", 400],
    want: [...START, "config_broken CONFIG_INCOMPLETE", "config_recovered"],
  },
  {
    name: "reports progress while the first import is slow",
    steps: [2000, 3000, "answer a", 60_000],
    want: ["ask 1 main", "importing", "importing", "contract 1 +"],
  },
  {
    name: "drops an answer about the previous configuration",
    steps: [
      "answer a",
      "save",
      100,
      "config-event entrypoint other",
      100,
      "answer b",
      10,
    ],
    want: [
      ...START,
      "ask 2 main",
      "cancel 2",
      "config 8000",
      "ask 3 other",
      "contract 1 +b",
    ],
  },
  {
    name: "drops an answer that came just before the configuration changed",
    steps: [
      "answer a",
      "save",
      100,
      "import-slow",
      "answer old",
      "config-event entrypoint other",
      100,
      "release",
      "answer b",
      10,
    ],
    want: [...START, "ask 2 main", "config 8000", "stop 2", "ask 3 other", "contract 1 +b"],
  },
  {
    name: "replaces Python when the port changes, and reports no end of the old server",
    server: "own",
    steps: ["answer a", "config-event port 9000", 100, "answer a", 100],
    want: [
      ...START,
      "serve 1 8000",
      "started",
      "end python",
      "config 9000",
      "ask 1 main",
      "contract 1 +",
      "serve 1 9000",
      "restarted",
    ],
  },
  {
    name: "fails when files cannot be watched any more",
    steps: ["answer a", "watch-fails"],
    want: [...START, "failure DEV_WATCHER_FAILED"],
  },
];

for (const { name, server = "none", project: overrides, steps, want } of ROWS) {
  test(`DevSession ${name}`, async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    const { parts, python, write, actions, watched } = fakeParts((line) => void log.push(line));
    let state: ProjectState = { kind: "ready", project: { ...PROJECT, ...overrides } };
    let status = 200;
    let body = "{}";
    let isThere = true;
    const session = new DevSession({
      project: state.project,
      reload: () => Promise.resolve(state),
      env: {},
      cwd: "/project",
      server,
      clock,
      parts: {
        ...parts,
        askRpc: () => Promise.resolve<HttpState>({ kind: "answer", status, body }),
        isListening: () => Promise.resolve(isThere),
      },
      onEvent: (event) => void log.push(shown(event)),
      onFailure: (error) => void log.push(`failure ${(error as { code?: string }).code ?? error}`),
    });
    const configure = (key: string, value = "") => {
      write(PROJECT.path!);
      if (key === "incomplete") {
        state = { kind: "incomplete", missing: ["entry"] } as unknown as ProjectState;
      } else {
        const change = key === "port"
          ? { port: Number(value) }
          : { entrypoint: value, module: value };
        state = { kind: "ready", project: { ...PROJECT, ...overrides, ...change } };
      }
    };
    Object.assign(actions, {
      http: (code: string) => status = Number(code),
      served: (...names: string[]) => body = JSON.stringify(fakeSchemas(names)),
      refuse: () => isThere = false,
      accept: () => isThere = true,
      exit: (number: string, code: string) => python.current.exit(Number(number), Number(code)),
      unbound: () =>
        python.current.start = {
          kind: "unbound",
          code: "EADDRINUSE",
          reason: "the port is taken",
        },
      config: configure,
      "config-event": (key: string, value?: string) => {
        configure(key, value);
        watched()?.onConfig();
      },
      log: () => log.push(`at ${clock.monotonic()}`),
    });
    const started = session.start();
    await settle();
    for (const step of steps) {
      if (typeof step === "number") await clock.advance(step);
      else {
        const [action = "", ...args] = step.split(" ");
        actions[action]!(...args);
      }
      await settle();
    }
    await started;
    assert.deepEqual(log, want);
    await session.end();
    assert.equal(clock.pending, 0);
  });
}

test("followPythonModule() loads after each change and delivers and serves nothing", async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const { parts, actions } = fakeParts((line) => void log.push(line));
  const followed = followPythonModule({
    entry: "main:app",
    cwd: "/project",
    env: {},
    python: undefined,
    verbose: false,
    clock,
    parts,
    onOutput: (line) => void log.push(line),
    onLoaded: ({ contract }) => void log.push(`loaded ${[...contract.procedures.keys()].join()}`),
    onBroken: (error) => void log.push(`broken ${(error as { code?: string }).code}`),
    onFailure: (error) => void log.push(`failure ${error}`),
  });
  await settle();
  for (const step of ["answer a", "save", 240, "answer", "save", 240, "answer b"]) {
    if (typeof step === "number") await clock.advance(step);
    else {
      const [action = "", ...args] = step.split(" ");
      actions[action]!(...args);
    }
    await settle();
  }
  await followed.end();
  assert.deepEqual(log, [
    "ask 1 main",
    "loaded a",
    "ask 2 main",
    "broken BACKEND_SYNTAX",
    "ask 3 main",
    "loaded b",
    "end python",
  ]);
  assert.equal(clock.pending, 0);
});
