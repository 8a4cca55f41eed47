import { adoptSocket, CLOCKS, endProcess, workerStart } from "../process/workers/mod.ts";
import { lateErrorLines, onLateError } from "../runtime/mod.ts";
import { serveInChild, serveInWorker } from "../server/modes/mod.ts";
import { buildConnectionService } from "./connection_service.ts";
import type { ConnectionServiceConfig } from "./service_config.ts";

/** Entry point of a worker thread or child process: builds its service from plain data and serves the connections it receives. */
export async function runWorkerEntry(): Promise<number> {
  const start = await workerStart();
  const config = start.data as ConnectionServiceConfig;
  const build = (report: (to: string, text: string) => void) => {
    const handlers = config.service.handlers ?? "";
    onLateError(lateErrorLines(handlers, (line) => report("warning", `${line}\n`)));
    return buildConnectionService(config, { output: { write: report, ...CLOCKS } });
  };
  if (start.kind === "worker") {
    serveInWorker(start.port, build, adoptSocket);
    return 0;
  }
  try {
    await serveInChild(start, build);
    return endProcess(0);
  } catch {
    return endProcess(1);
  }
}
