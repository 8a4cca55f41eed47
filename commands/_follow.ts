import { basename, dirname } from "node:path";
import { type ChokidarOptions, watch } from "chokidar";

/** Something that is followed until it is closed. */
export interface Following {
  close(): Promise<void>;
}

interface FollowOptions extends Pick<ChokidarOptions, "depth" | "ignored"> {
  /** Asked at each change: files to be followed from now on. */
  readonly more?: () => Promise<readonly string[]>;
}

const SETTLE_MS = 80;
const POLL_MS = 2000;

/**
 * Calls `changed` when one of the files has changed, never twice at once; what it throws goes to `failed`. Resolves when
 * changes are seen.
 */
export async function followFiles(
  paths: readonly string[],
  changed: () => Promise<void>,
  failed: (error: unknown) => void,
  { more, ...options }: FollowOptions = {},
): Promise<Following> {
  const watcher = watch([...paths], { ignoreInitial: true, ...options });
  const runs = serial(async () => {
    if (more !== undefined) watcher.add([...await more()]);
    await changed();
  }, failed);
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (event) => {
    // An editor that writes anew removes first: the addition will be told.
    if (event === "unlink") return;
    clearTimeout(timer);
    timer = setTimeout(runs, SETTLE_MS);
  });
  watcher.on("error", failed);
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/**
 * {@link followFiles} for a module, what it imports from anywhere outside packages, and what lies beside it: a file that
 * was missing may come.
 */
export async function followModule(
  path: string,
  changed: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<Following> {
  const { localImports } = await import("../lib/process/mod.ts");
  const folder = dirname(path);
  const imported = new Set(await localImports(path));
  return await followFiles([folder, ...imported], changed, failed, {
    depth: 1,
    ignored: (file, status) =>
      file !== folder && !imported.has(file) &&
      (/^(?:node_modules$|\.)/.test(basename(file)) ||
        (status?.isDirectory() === false && !/\.[cm]?[jt]sx?$/.test(file))),
    more: async () => {
      const now = await localImports(path);
      const added = now.filter((file) => !imported.has(file));
      for (const file of added) imported.add(file);
      return added;
    },
  });
}

/** Asks again and again; the same failure is told once. */
export function followUrl(ask: () => Promise<void>, failed: (error: unknown) => void): Following {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let told: string | undefined;
  const next = () => {
    if (closed) return;
    timer = setTimeout(async () => {
      try {
        await ask();
        told = undefined;
      } catch (error) {
        const text = String(error);
        if (text !== told) failed(error);
        told = text;
      }
      next();
    }, POLL_MS);
  };
  next();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

function serial(run: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const start = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await run().catch(failed);
    } while (again);
    running = false;
  };
  return () => void start();
}
