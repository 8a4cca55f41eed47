/**
 * Sends 200,000 invalid messages to every transport and protocol of the server, and as many invalid brine values,
 * frames and datagrams to its RPyC part: `deno task fuzz [COUNT] [SEED]`. Exits with 1 for a crash, a hang, a wrong
 * answer, or growing memory.
 */
import process from "node:process";
import { fuzz } from "../tests/support/fuzz.ts";
import { deno } from "./project.ts";

const [count = "200000", seed = "1"] = process.argv.slice(2);
const start = performance.now();
const memory = () => Math.round(process.memoryUsage().rss / 2 ** 20);

// The first rounds fill permanent caches: compiled validators, buffers, code.
await fuzz({ count: 5000, seed: 0 });
const before = memory();
const result = await fuzz({
  count: Number(count),
  seed: Number(seed),
  onProgress: (line) => process.stderr.write(`${line}, ${memory()} MiB\n`),
});
const after = memory();
const seconds = Math.round((performance.now() - start) / 1000);
process.stdout.write(
  `${
    JSON.stringify({
      ...result,
      seconds,
      memoryBefore: before,
      memoryAfter: after,
      seed: Number(seed),
    })
  }\n`,
);
if (after > before * 2 + 100) {
  process.stderr.write(`Memory grew from ${before} to ${after} MiB\n`);
  process.exitCode = 1;
}

const files = [
  "fuzz_test.ts",
  "brine_test.ts",
  "registry/messages_test.ts",
  "registry/registry_server_test.ts",
].map((file) => `tests/rpyc/${file}`);
const { code } = await deno(["test", "-A", "--no-check", ...files], {
  env: { PYRPC_FUZZ: count },
  show: true,
});
if (code !== 0) process.exitCode = 1;
