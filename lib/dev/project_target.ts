import type { ProjectConfig } from "../project/mod.ts";
import { splitEntry } from "../python/mod.ts";
import type { ServerRole } from "./dev_event.ts";
import type { ModuleTarget } from "./module_loop.ts";

/** The module of a project, and the question about it: only a session that serves keeps the process. */
export function targetOf(project: ProjectConfig, server: ServerRole): ModuleTarget {
  const { folder, entrypoint, python, module, application, debounce, framework } = project;
  return {
    folder,
    entrypoint,
    python,
    debounce,
    question: {
      module,
      app: application,
      framework,
      appModule: splitEntry(entrypoint).module,
      keep: server === "own",
      servable: server === "own" || server === "attached",
    },
  };
}
