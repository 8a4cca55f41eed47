import type { Clock } from "../runtime/mod.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  loadSourceIfChanged,
} from "../source/mod.ts";
import { followFiles, type Following } from "./follow_files.ts";
import { followUrl } from "./follow_url.ts";

/** A source that was loaded, and how to load it again. */
export interface FollowedSource extends Pick<LoadedSource, "where" | "etag"> {
  /** SOURCE as the user typed it. */
  readonly source: string;
  readonly kind: string;
  readonly options: LoadOptions;
  readonly context: LoadContext & Clock;
}

/** Callbacks of {@link followSource}. */
export interface FollowSourceEvents {
  /** The source was loaded again; it may be unchanged. Errors that it throws are passed to `failed`. */
  loaded(loaded: LoadedSource): void;
  /** A server answered that the source is unchanged. */
  unchanged?(): void;
  readonly failed: (error: unknown) => void;
  /** Output of a Python module while it is imported. */
  output(line: string): void;
}

/** Follows a file, a URL or a Python module. @returns undefined for a source that cannot change */
export async function followSource(
  { source, kind, where, etag, options, context }: FollowedSource,
  { loaded, unchanged, failed, output }: FollowSourceEvents,
): Promise<Following | undefined> {
  switch (kind) {
    case "file":
      return await followFiles(
        [where],
        async () => loaded(await loadSource(source, options, context)),
        failed,
      );
    case "url": {
      let latest = etag;
      return followUrl(async () => {
        const found = await loadSourceIfChanged(source, latest, options, context);
        if (found === undefined) return unchanged?.();
        latest = found.etag;
        loaded(found);
      }, failed);
    }
    case "module": {
      // Loaded late: few sources are modules, and it starts slowly.
      const { followPythonModule } = await import("../dev/mod.ts");
      const module = followPythonModule({
        entry: source,
        cwd: context.cwd,
        env: context.env,
        python: options.python,
        verbose: options.verbose === true,
        clock: context,
        onOutput: output,
        onLoaded(found) {
          try {
            loaded(found);
          } catch (error) {
            failed(error);
          }
        },
        onBroken: failed,
        onFailure: failed,
      });
      return { close: () => module.end() };
    }
    default:
      return undefined;
  }
}
