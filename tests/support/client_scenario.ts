/**
 * What the client is put through on every runtime. It is sent to Node and to a browser as text, so it imports nothing.
 *
 * @module
 */

type Api = typeof import("../../lib/client/pyrpc_client.ts");

/** Uses a client against the server of `client_peer.ts` in every way and returns what happened, as JSON. */
export async function clientScenario(
  { createClient, httpLink, httpBatchLink, PyRPCError }: Api,
  server: string,
): Promise<Record<string, unknown>> {
  // deno-lint-ignore no-explicit-any
  type Any = Record<string, (...args: any[]) => Promise<any>>;
  const seen: Record<string, unknown> = {};
  const outcome = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      return { result: await promise };
    } catch (error) {
      const { name, message, code, data, status } = error as Error & Record<string, unknown>;
      const known = JSON.parse(JSON.stringify({ code, data, status })) as object;
      return { error: name, message, ...known };
    }
  };
  const failure = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      return await promise;
    } catch (error) {
      return error instanceof Error || (error as Error).name !== undefined ? "rejected" : "odd";
    }
  };

  const echo = createClient<Any>({ baseUrl: `${server}/echo` });
  const call = (name: string, ...args: unknown[]) => (echo[name] as Any[string])(...args);
  seen["positional"] = await call("add", 1, 2);
  seen["named"] = await call("add", { a: 1, b: 2 });
  seen["empty"] = await call("add");
  seen["list"] = await call("add", [1, 2]);
  seen["text"] = await call("add", "x");
  seen["null"] = await call("add", null);
  seen["two objects"] = await call("add", { a: 1 }, {});
  seen["dotted"] = await call("users.get", 1);
  seen["names"] = await Promise.all(
    ["constructor", "toString", "url", "then", "__proto__", "hasOwnProperty"]
      .map(async (name) => (await call(name, 1)).method),
  );

  const raw = createClient<Any>({ baseUrl: `${server}/raw` }) as Any;
  seen["null result"] = await outcome(raw["null"]!());
  seen["error"] = await outcome(raw["error"]!());
  seen["is PyRPCError"] = await raw["error"]!().catch((error) => error instanceof PyRPCError);
  seen["http error"] = await outcome(raw["http500"]!());
  seen["html"] = await failure(raw["html"]!());
  seen["dies"] = await failure(raw["dies"]!());
  seen["dies early"] = await failure(raw["dies_early"]!());

  seen["urls"] = [];
  for (const end of ["/echo", "/echo/", "/echo/rpc", "/echo/rpc/", "/echo//", "/echo/RPC"]) {
    const client = createClient<Any>({ links: [httpLink({ url: server + end })] });
    (seen["urls"] as unknown[]).push((await client["x"]!()).method);
  }

  const batch = createClient<Any>({ links: [httpBatchLink({ url: `${server}/batch` })] });
  seen["batch"] = await Promise.all(
    [batch["add"]!(1, 2), batch["fail"]!("no"), batch["add"]!(3, 4)].map(outcome),
  );
  const many = await Promise.all(Array.from({ length: 205 }, (_, n) => batch["size"]!(n)));
  seen["batch sizes"] = [many[0], many[99], many[100], many[204]];
  seen["batch one"] = await batch["size"]!(1);
  const small = createClient<Any>({
    links: [httpBatchLink({ url: `${server}/batch`, maxItems: 2 })],
  });
  seen["batch small"] = await Promise.all([1, 2, 3].map((n) => small["size"]!(n)));
  seen["batch missing"] =
    (await Promise.all([batch["add"]!(1, 2), batch["missing"]!()].map(outcome)))
      .map((one) => JSON.stringify(one).replace(/operation \w+/, "operation ID"));
  seen["batch refused"] = await Promise.all([batch["refuse"]!(), batch["add"]!(1, 2)].map(outcome));
  seen["batch http error"] = await Promise.all(
    [batch["http500"]!(), batch["add"]!(1, 2)].map(outcome),
  );
  seen["batch dies"] = await Promise.all([batch["dies"]!(), batch["add"]!(1, 2)].map(failure));
  seen["batch after"] = await batch["add"]!(1, 1);

  let asked = 0;
  const headed = createClient<Any>({
    baseUrl: `${server}/headers`,
    headers: async () => ({ authorization: `Bearer ${++asked}`, "content-type": "text/plain" }),
  });
  seen["headers"] = [await headed["x"]!(), await headed["x"]!()];
  const fixed = createClient<Any>({
    headers: { authorization: "client" },
    links: [httpLink({ url: `${server}/headers`, headers: [["authorization", "link"]] })],
  });
  seen["headers of link"] = await fixed["x"]!();

  const started = Date.now();
  const hasty = createClient<Any>({ baseUrl: `${server}/raw`, timeout: 100 });
  seen["timeout"] = await outcome(hasty["slow"]!());
  seen["timeout dripping"] = await outcome(hasty["drips"]!());
  seen["timeout headers"] = await outcome(
    createClient<Any>({
      baseUrl: `${server}/raw`,
      timeout: 50,
      headers: () => new Promise<Record<string, string>>(() => {}),
    })["null"]!(),
  );
  const slowBatch = createClient<Any>({
    links: [httpBatchLink({ url: `${server}/batch`, timeout: 50 })],
  });
  seen["timeout batch"] = await Promise.all(
    [1, 2].map(() => outcome(slowBatch["slow"]!())),
  );
  seen["soon"] = Date.now() - started < 5000;

  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const stoppable = createClient<Any>({ baseUrl: `${server}/raw`, signal: controller.signal });
  const fine = await outcome(stoppable["null"]!());
  const stopped = [outcome(stoppable["slow"]!()), outcome(stoppable["drips"]!())];
  setTimeout(() => controller.abort(reason), 50);
  seen["abort"] = [fine, ...await Promise.all(stopped), await outcome(stoppable["null"]!())];

  const custom = createClient<Any>({
    baseUrl: "custom://x",
    fetch: async (url, { method, headers, body }) => ({
      ok: true,
      status: 200,
      json: async () => ({ result: [url, method, headers, (JSON.parse(body) as Any)["method"]] }),
    }),
  });
  seen["custom fetch"] = await custom["x"]!();

  const thrown = (run: () => unknown) => {
    try {
      return run();
    } catch (error) {
      return (error as Error).message;
    }
  };
  seen["no link"] = thrown(() => createClient({ links: [] }));
  seen["two links"] = thrown(() =>
    createClient({ links: [httpLink({ url: server }), httpLink({ url: server })] })
  );
  seen["no base"] = thrown(() => typeof createClient());
  seen["awaited"] = await outcome(echo as unknown as Promise<unknown>);
  seen["symbol"] = typeof (echo as unknown as Record<symbol, unknown>)[Symbol.iterator];
  return seen;
}
