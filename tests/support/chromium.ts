import process from "node:process";
import { type Browser, launch } from "puppeteer-core";
import { requireTool } from "./external.ts";
import { tempFolder } from "./temp_folder.ts";

/** For `test(name, { skip }, …)`: the reason where there is no Chromium. */
export function chromiumSkip(): string | false {
  return requireTool("chromium").skip;
}

/**
 * A headless Chromium that loads only the given pages; `await using` closes it.
 *
 * @param hosts Names that mean 127.0.0.1 to it.
 */
export async function startChromium(
  hosts: readonly string[] = [],
): Promise<{ browser: Browser } & AsyncDisposable> {
  const profile = await tempFolder();
  const browser = await launch({
    executablePath: requireTool("chromium").path,
    userDataDir: profile.path,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
      ...(hosts.length === 0
        ? []
        : [`--host-resolver-rules=${hosts.map((name) => `MAP ${name} 127.0.0.1`).join(", ")}`]),
    ],
  });
  // A test file that is ended in the middle leaves no browser behind.
  const killOnExit = () => void browser.process()?.kill("SIGKILL");
  process.once("exit", killOnExit);
  return {
    browser,
    async [Symbol.asyncDispose]() {
      process.off("exit", killOnExit);
      // A browser that does not end by itself is no reason to wait for ever.
      const late = setTimeout(killOnExit, 10_000);
      await browser.close();
      clearTimeout(late);
      await profile[Symbol.asyncDispose]();
    },
  };
}
