import process from "node:process";
import { startChild } from "../../../lib/process/workers/mod.ts";

// A parent that starts a child and stops before it reads what the child sends.
const child = startChild(new URL("./waiting_child.ts", import.meta.url).href, process.argv[2]);
child.send({ kind: "other" }, () => process.kill(process.pid, "SIGSTOP"));
