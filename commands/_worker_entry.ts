import { adoptSocket, CLOCKS, endProcess, workerStart } from "../lib/process/workers/mod.ts";
import { lateErrorLines, onLateError } from "../lib/runtime/mod.ts";
import { serveInChild, serveInWorker } from "../lib/server/modes/mod.ts";
import { buildConnectionService, type ConnectionServiceConfig } from "./_connection_service.ts";

/** The program as a worker or child of itself: serves the connections that it is handed, builds everything from plain data. */
export async function runWorkerEntry(): Promise<number> {
  const started = await workerStart();
  const description = started.data as ConnectionServiceConfig;
  const build = (report: (to: string, text: string) => void) => {
    const handlers = description.service.handlers ?? "";
    onLateError(lateErrorLines(handlers, (line) => report("warning", `${line}\n`)));
    return buildConnectionService(description, { outlet: { write: report, ...CLOCKS } });
  };
  if (started.kind === "worker") {
    serveInWorker(started.port, build, adoptSocket);
    return 0;
  }
  try {
    await serveInChild(started, build);
    return endProcess(0);
  } catch {
    return endProcess(1);
  }
}
