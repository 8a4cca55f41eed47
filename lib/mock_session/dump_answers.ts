import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { PlannedFile } from "../delivery/mod.ts";
import { formatJsonText } from "../json/mod.ts";
import { redactResult } from "../mock/mod.ts";
import { plainText } from "../plain_text.ts";
import type { Console } from "../runtime/mod.ts";
import {
  DUMP_MANIFEST,
  type DumpManifest,
  formatDumpManifest,
  isDumped,
  parseDumpManifest,
} from "./dump_manifest.ts";
import type { SessionEvents } from "./events.ts";
import { MockSession, type SessionOptions } from "./session.ts";

/** The answers that {@link dumpAnswers} wrote. */
export interface DumpedAnswers {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Names of the files in it, without the manifest. */
  readonly files: readonly string[];
  /** Procedures that answered with an error. */
  readonly failures: readonly { readonly procedure: string; readonly message: string }[];
}

/** Writes an answer of every procedure into a folder, one file each. @throws ToolError */
export async function dumpAnswers(
  folder: string,
  options: SessionOptions,
  console: Console,
  events: SessionEvents,
): Promise<DumpedAnswers> {
  // Loaded late: a mock that serves does not write files.
  const { applyPlan, assertApplicable, planFiles } = await import("../delivery/mod.ts");
  const session = await MockSession.open(options, console, events);
  try {
    const root = resolve(console.cwd, folder);
    const manifest = parseDumpManifest(
      await readFile(join(root, DUMP_MANIFEST), "utf8").catch(() => ""),
    ) ?? new Map();
    const plan = (files: readonly PlannedFile[]) =>
      planFiles(root, dumpFiles(manifest, files), {
        createRoot: true,
        named: { flag: "--dump", path: root },
      });
    const { procedures } = session.contract;
    // Checked before the first call, which may go to an upstream server.
    assertApplicable(
      plan([...procedures.keys()].map((name) => ({ path: fileNameOf(name), content: "" }))),
    );
    const { files, failures } = await callEach(session, options.recordSecrets);
    applyPlan(plan(files));
    return { folder: root, files: files.map(({ path }) => path), failures };
  } finally {
    session.upstream?.close();
  }
}

async function callEach(session: MockSession, keepsSecrets = false) {
  const sampler = session.sampler();
  const files: PlannedFile[] = [];
  const failures: { procedure: string; message: string }[] = [];
  for (const procedure of session.contract.procedures.values()) {
    const { name } = procedure;
    const params = sampler.arguments(procedure);
    const missing = procedure.parameters.find((one) =>
      one.required && !Object.hasOwn(params, one.name)
    );
    if (missing !== undefined) {
      failures.push({
        procedure: name,
        message: `No sample value fits the schema of the parameter "${missing.name}"`,
      });
      continue;
    }
    const outcome = await session.dispatcher.dispatch(
      { method: name, params },
      { transport: "dump", remote: "" },
    );
    if (outcome.ok) {
      const value = keepsSecrets ? outcome.value : redactResult(procedure, outcome.value);
      files.push({ path: fileNameOf(name), content: `${plainText(formatJsonText(value))}\n` });
    } else failures.push({ procedure: name, message: outcome.fault.message });
  }
  return { files, failures };
}

/** The files of a dump and its manifest. Only files that a dump wrote are replaced. */
function dumpFiles(manifest: DumpManifest, files: readonly PlannedFile[]): PlannedFile[] {
  return [
    ...files.map((file) => ({
      ...file,
      isPrivate: true,
      mayReplace: (present: string) => isDumped(manifest, file.path, present),
    })),
    {
      path: DUMP_MANIFEST,
      content: formatDumpManifest(manifest, files),
      isPrivate: true,
      mayReplace: (present) => parseDumpManifest(present) !== undefined,
    },
  ];
}

/** A file name for a procedure. Characters that a file system rejects or treats as a separator become hexadecimal. */
export function fileNameOf(procedure: string): string {
  const safe = procedure.replace(
    /[^\p{L}\p{N}._-]/gu,
    (char) => `%${(char.codePointAt(0) ?? 0).toString(16)}`,
  );
  const name = safe === "" || safe.startsWith(".") ? `%${safe}` : safe.slice(0, 200);
  return `${name}.json`;
}
