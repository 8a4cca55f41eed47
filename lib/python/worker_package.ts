import { Buffer } from "node:buffer";
import { asciiJson } from "./protocol.ts";
import init from "./pyrpc_worker/__init__.py" with { type: "text" };
import adapters from "./pyrpc_worker/adapters.py" with { type: "text" };
import applications from "./pyrpc_worker/applications.py" with { type: "text" };
import backend from "./pyrpc_worker/backend.py" with { type: "text" };
import contract from "./pyrpc_worker/contract.py" with { type: "text" };
import definitions from "./pyrpc_worker/definitions.py" with { type: "text" };
import djangoProject from "./pyrpc_worker/django_project.py" with { type: "text" };
import djangoServer from "./pyrpc_worker/django_server.py" with { type: "text" };
import embedded from "./pyrpc_worker/embedded.py" with { type: "text" };
import endpoints from "./pyrpc_worker/endpoints.py" with { type: "text" };
import errors from "./pyrpc_worker/errors.py" with { type: "text" };
import facts from "./pyrpc_worker/facts.py" with { type: "text" };
import failures from "./pyrpc_worker/failures.py" with { type: "text" };
import forkServer from "./pyrpc_worker/fork_server.py" with { type: "text" };
import hiddenPackages from "./pyrpc_worker/hidden_packages.py" with { type: "text" };
import imports from "./pyrpc_worker/imports.py" with { type: "text" };
import interpreter from "./pyrpc_worker/interpreter.py" with { type: "text" };
import jsonValues from "./pyrpc_worker/json_values.py" with { type: "text" };
import main from "./pyrpc_worker/main.py" with { type: "text" };
import missingSettings from "./pyrpc_worker/missing_settings.py" with { type: "text" };
import missingModules from "./pyrpc_worker/missing_modules.py" with { type: "text" };
import origins from "./pyrpc_worker/origins.py" with { type: "text" };
import ownWrites from "./pyrpc_worker/own_writes.py" with { type: "text" };
import preload from "./pyrpc_worker/preload.py" with { type: "text" };
import process from "./pyrpc_worker/process.py" with { type: "text" };
import project from "./pyrpc_worker/project.py" with { type: "text" };
import protocol from "./pyrpc_worker/protocol.py" with { type: "text" };
import question from "./pyrpc_worker/question.py" with { type: "text" };
import registry from "./pyrpc_worker/registry.py" with { type: "text" };
import routers from "./pyrpc_worker/routers.py" with { type: "text" };
import serverGuard from "./pyrpc_worker/server_guard.py" with { type: "text" };
import serving from "./pyrpc_worker/serving.py" with { type: "text" };
import sockets from "./pyrpc_worker/sockets.py" with { type: "text" };
import tracebacks from "./pyrpc_worker/tracebacks.py" with { type: "text" };
import windowsJob from "./pyrpc_worker/windows_job.py" with { type: "text" };
import worker from "./pyrpc_worker/worker.py" with { type: "text" };

const PACKAGE = "pyrpc_worker";

/** Sources of the Python package by file name. A test compares them with the folder. */
export const WORKER_SOURCES: Readonly<Record<string, string>> = {
  "__init__.py": init,
  "adapters.py": adapters,
  "applications.py": applications,
  "backend.py": backend,
  "contract.py": contract,
  "definitions.py": definitions,
  "django_project.py": djangoProject,
  "django_server.py": djangoServer,
  "embedded.py": embedded,
  "endpoints.py": endpoints,
  "errors.py": errors,
  "facts.py": facts,
  "failures.py": failures,
  "fork_server.py": forkServer,
  "hidden_packages.py": hiddenPackages,
  "imports.py": imports,
  "interpreter.py": interpreter,
  "json_values.py": jsonValues,
  "main.py": main,
  "missing_modules.py": missingModules,
  "missing_settings.py": missingSettings,
  "origins.py": origins,
  "own_writes.py": ownWrites,
  "preload.py": preload,
  "process.py": process,
  "project.py": project,
  "protocol.py": protocol,
  "question.py": question,
  "registry.py": registry,
  "routers.py": routers,
  "server_guard.py": serverGuard,
  "serving.py": serving,
  "sockets.py": sockets,
  "tracebacks.py": tracebacks,
  "windows_job.py": windowsJob,
  "worker.py": worker,
};

/** Arguments of the interpreter that runs a worker, and the first bytes of its standard input. */
export interface WorkerStart {
  readonly args: readonly string[];
  readonly input: Uint8Array;
}

/** `warm` forks for each question; `alone` answers one question itself. */
export type WorkerMode = "warm" | "alone";

// Reads the package from standard input: no temporary file, no limit of a command line's length, and no module of the
// project shadows the standard library. Runs on every Python, Python 2 included, to report its version.
const BOOTSTRAP = `import sys
v = sys.version_info
if v < (3, 11):
    sys.stdout.write('{"event": "hello", "version": "%d.%d.%d"}\\n' % v[:3])
    sys.exit(0)
if sys.path and sys.path[0] == "":
    del sys.path[0]
import json, os
n = int(sys.argv[1])
b = b""
while len(b) < n:
    c = os.read(0, n - len(b))
    if not c:
        sys.exit(0)
    b += c
s = json.loads(b)
g = {"__name__": "${PACKAGE}.embedded"}
exec(compile(s["embedded.py"], "<pyrpc>/embedded.py", "exec"), g)
g["install"]("${PACKAGE}", s)
from ${PACKAGE}.main import main
main(*json.loads(sys.argv[2]))
`;

/** Arguments and first input of a worker for the project in `root` (an absolute path). */
export function workerStart(
  mode: WorkerMode,
  { root, preload }: { readonly root: string; readonly preload: boolean },
): WorkerStart {
  const input = Buffer.from(asciiJson(WORKER_SOURCES), "utf8");
  return {
    args: ["-c", BOOTSTRAP, String(input.length), asciiJson([mode, root, !preload])],
    input,
  };
}
