import { writeFile } from "node:fs/promises";
import process from "node:process";
import { workerStart } from "../../../lib/process/workers/mod.ts";

// A child that writes its pid to the file that it is given, and waits for messages.
const { data } = await workerStart();
await writeFile(String(data), String(process.pid));
setInterval(() => {}, 60_000);
