import { createServer } from "node:net";

// Below the ports that systems choose for outgoing connections and for port 0, which others may get at any time.
const FIRST = 20_000;
const COUNT = 12_000;

/** A port of the loopback interface that is free. Prefer port 0 wherever the one who listens can tell the port. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
