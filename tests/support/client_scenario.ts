/**
 * The calls of a client on every runtime. It is sent to Node and to a browser as text, so it imports nothing.
 *
 * @module
 */

type Api = typeof import("../../lib/client/pyrpc_client.ts");

/** Uses a client against the server of `client_peer.ts` in every way and returns what happened, as JSON. */
export async function clientScenario(
  api: Api,
  server: string,
): Promise<Record<string, unknown>> {
  const {
    authLink,
    createClient,
    ClientError,
    httpLink,
    httpBatchLink,
    isValidationError,
    loggerLink,
    PyRPCError,
    retryLink,
    withOptions,
  } = api;
  // deno-lint-ignore no-explicit-any
  type Any = Record<string, (...args: any[]) => Promise<any>>;
  const seen: Record<string, unknown> = {};
  const outcome = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      return { result: await promise };
    } catch (error) {
      const { name, message, code, data, status } = error as Error & Record<string, unknown>;
      const known = JSON.parse(JSON.stringify({ code, data, status })) as object;
      return { error: name, message: message.replace(server, ""), ...known };
    }
  };
  // The message of a network error depends on the runtime.
  const failure = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      return await promise;
    } catch (error) {
      const { name, cause } = error as Error;
      return error instanceof ClientError && cause instanceof Error ? name : "odd";
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
  seen["http error's answer"] = await raw["http401"]!().catch((error) => [
    error instanceof ClientError,
    error.headers.get("www-authenticate"),
    error.body,
  ]);
  seen["html"] = await outcome(raw["html"]!());
  seen["validation error"] = await raw["error"]!().catch((error) =>
    isValidationError(error) ? error.data : "other"
  );
  seen["other error"] = await raw["http500"]!().catch(isValidationError);
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
      headers: new Headers(),
      text: async () =>
        JSON.stringify({ result: [url, method, headers, (JSON.parse(body) as Any)["method"]] }),
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
  seen["no last link"] = await outcome(
    createClient<Any>({ links: [loggerLink({ log: () => {} })] })["x"]!(),
  );
  seen["no base"] = thrown(() => typeof createClient());
  // deno-lint-ignore no-explicit-any
  const nested = createClient<any>({ baseUrl: `${server}/echo` });
  seen["nested"] = [
    (await nested.users.get(1)).method,
    (await nested.a.b.c()).method,
    (await nested.users(1)).method,
    (await nested.then.x()).method,
  ];
  seen["never nested"] = ["then", "toJSON", "$$typeof", "name", "call", "toString", "constructor"]
    .map((name) =>
      typeof nested.users[name] === "function" && nested.users[name] === (() => {})[name as "call"]
        ? "function's own"
        : typeof nested.users[name]
    );
  seen["object"] = typeof nested;

  const alone = withOptions(headed, { headers: { "x-call": "1" } });
  seen["headers of call"] = await alone["x"]!();
  const both = withOptions(alone, { timeout: 5000 });
  seen["options add up"] = await both["x"]!();
  const one = new AbortController();
  const shared = createClient<Any>({ links: [httpBatchLink({ url: `${server}/batch` })] });
  const cancelled = outcome(withOptions(shared, { signal: one.signal })["size"]!(1));
  const kept = outcome(shared["size"]!(2));
  one.abort(reason);
  seen["abort one of a batch"] = [await cancelled, await kept];
  const held = outcome(withOptions(shared, { signal: AbortSignal.timeout(50) })["slow"]!());
  seen["abort a whole batch"] = (await held as { error: string }).error;
  seen["batch of other options"] = await Promise.all([
    shared["size"]!(1),
    withOptions(shared, { timeout: 5000 })["size"]!(2),
    withOptions(shared, { timeout: 5000 })["size"]!(3),
    withOptions(shared, { signal: new AbortController().signal })["size"]!(4),
  ]);
  seen["call timeout"] = await outcome(withOptions(raw, { timeout: 50 })["slow"]!());

  const log: unknown[] = [];
  let sent = 0;
  const steps = createClient<Any>({
    links: [
      loggerLink({
        log: (mark, method, value) =>
          log.push([mark, method, value instanceof Error ? value.message : value]),
      }),
      retryLink({ when: (error) => error instanceof ClientError, attempts: 3, delay: () => 1 }),
      () => async (call, next) => {
        sent++;
        if (sent < 3) throw new ClientError("again");
        return await next({ ...call, method: "add" });
      },
      httpLink({ url: `${server}/echo` }),
    ],
  });
  seen["links"] = [(await steps["x"]!(1)).method, sent];
  sent = -10;
  seen["retries end"] = [await outcome(steps["x"]!(1)), sent, log.length];
  seen["log"] = [(log[0] as unknown[])[2], (log[3] as unknown[])[2]];
  let token = 0;
  let refreshed = 0;
  const secured = createClient<Any>({
    headers: () => ({ authorization: `Bearer ${token}` }),
    links: [
      authLink({
        refresh: async () => {
          await new Promise((resolve) => setTimeout(resolve, 10));
          refreshed++;
          token = 1;
        },
      }),
      httpLink({ url: `${server}/secured` }),
    ],
  });
  const authorized = await Promise.all([1, 2, 3].map((n) => secured["x"]!(n)));
  token = 2;
  seen["auth"] = [authorized, refreshed, await secured["x"]!(), refreshed];
  const locked = createClient<Any>({
    links: [authLink({ refresh: async () => refreshed++ }), httpLink({ url: `${server}/secured` })],
  });
  seen["auth refused"] = await outcome(locked["x"]!());
  const context = { signal: new AbortController().signal, queryKey: ["x"] };
  seen["query context"] = thrown(() => echo["list"]!(context));
  seen["mutation context"] = thrown(() => nested.a.list({}, { client: { getQueryCache() {} } }));
  seen["symbol"] = typeof (echo as unknown as Record<symbol, unknown>)[Symbol.iterator];
  return { ...seen, ...await hostileScenario(api, server) };
}

/** Responses without an answer, names that platforms use, and signals at every moment. */
async function hostileScenario(
  { authLink, createClient, httpBatchLink, httpLink, NetworkError, retryLink, withOptions }: Api,
  server: string,
): Promise<Record<string, unknown>> {
  // deno-lint-ignore no-explicit-any
  type Any = Record<string, any>;
  const seen: Record<string, unknown> = {};
  const failed = async (call: () => Promise<unknown>) => {
    try {
      return { result: await call() };
    } catch (error) {
      const { name, message, status, body, headers } = error as Any;
      return status === undefined
        ? `${name}: ${message}`
        : [name, message.replace(server, ""), status, headers.get("x-own"), body];
    }
  };
  const raw = createClient<Any>({ baseUrl: `${server}/raw` });
  const batch = createClient<Any>({ links: [httpBatchLink({ url: `${server}/batch` })] });
  const texts = ["", "null", "[]", "{}", "5", '"x"', "[1]", '[{"result":1}]', '{"detail":"x"}'];
  texts.push('{"error":"x"}', '{"result":null,"error":"x"}', '{"error":{"message":"x"}}');
  seen["not answers"] = await Promise.all(
    texts.map(async (text) => (await failed(() => raw["as_sent"](text)) as unknown[])[4]),
  );
  seen["not an answer"] = await failed(() => raw["as_sent"]("{}"));
  const ofBatch: unknown[] = seen["not answers of a batch"] = [];
  for (const text of ["", "null", "[]", "{}", "5", "[5]", "[null]", "[{}]"]) {
    ofBatch.push((await failed(() => batch["as_sent"](text)) as unknown[])[4]);
  }
  seen["error code 0"] = await failed(() => raw["as_sent"]('{"error":{"code":0,"message":"no"}}'));
  // Nothing of a finished call listens to a signal that lives longer.
  const long = new AbortController();
  let listeners = 0;
  let called = 0;
  const add = long.signal.addEventListener.bind(long.signal);
  long.signal.addEventListener = (type: string, listener: Any, options?: Any) => {
    listeners++;
    add(type, () => (called++, (listener as () => void)()), options);
  };
  await createClient<Any>({ baseUrl: `${server}/raw`, signal: long.signal })["null"]();
  await withOptions(batch, { signal: long.signal })["add"](1, 2);
  long.abort();
  seen["listeners"] = [listeners > 1, called];
  let attempts = 0;
  const retried = createClient<Any>({
    links: [
      () => (_, next) => (attempts++, next()),
      retryLink({ when: (error) => error instanceof NetworkError }),
      httpLink({ url: `${server}/echo` }),
    ],
  });
  seen["arguments without JSON"] = [
    (await failed(() => retried["x"](1n)) as string).split(":")[0],
    attempts,
  ];

  const echo = createClient<Any>({ baseUrl: `${server}/echo` });
  const names = ["then", "toJSON", "$$typeof", "constructor", "prototype", "caller", "arguments"];
  names.push("__proto__", "__defineGetter__", "call", "apply", "bind", "length", "name", "valueOf");
  seen["dotted names"] = await Promise.all(
    names.map(async (name) => (await echo[`a.${name}`](1)).method),
  );
  const given = async () => echo;
  const awaited = await given();
  seen["awaited client"] = [
    (await awaited["add"](1)).method,
    (await (await withOptions(awaited, { timeout: 5000 }))["a"].b(1)).method,
    (await echo["then"](1)).method,
    // Serializers, loggers and test runners read `toJSON` of every object.
    JSON.stringify({ created: echo, awaited, nested: awaited["a"] }),
  ];
  // As tRPC's: created once for each client, entered in order and left in the opposite one; the last one need not be an
  // HTTP link, and what follows it is never called.
  const steps: string[] = [];
  const recording = (name: string, ends = false) => () => {
    steps.push(`create ${name}`);
    return async ({ method }: Any, next: () => Promise<unknown>) => {
      steps.push(`${name} gets ${method}`);
      try {
        return ends ? name : `${name}(${await next()})`;
      } finally {
        steps.push(`${name} ends`);
      }
    };
  };
  const ordered = createClient<Any>({
    links: [recording("a"), recording("b"), recording("c", true), recording("d")],
  });
  seen["link order"] = [
    await withOptions(ordered, { timeout: 1 })["x"](),
    await ordered["users"].get(),
    steps.join(", "),
  ];
  const passed: unknown[] = [];
  const changed = createClient<Any>({
    links: [
      () => async (call, next, options) => [
        await next(),
        await next({ ...call, method: "other" }, { ...options, timeout: 7 }),
      ],
      () => async ({ method }, _, { timeout, headers }) => passed.push([method, timeout, headers]),
    ],
  });
  await withOptions(changed, { timeout: 5, headers: { a: "b" } })["x"]();
  seen["links change calls"] = passed;
  const event = { preventDefault() {} };
  seen["event handler"] = await failed(async () => echo["ping"](event));
  const replaced = createClient<Any>({ baseUrl: `${server}/echo` });
  replaced["add"] = () => "replaced";
  seen["replaced"] = replaced["add"]();

  const headers = createClient<Any>({
    baseUrl: `${server}/headers`,
    headers: { authorization: "client" },
  });
  const outer = withOptions(headers, { headers: { "x-call": "outer" }, timeout: 5000 });
  seen["nested headers"] = [
    await withOptions(outer, { headers: async () => ({ authorization: "inner" }) })["x"](),
    await withOptions(outer, { headers: { "x-call": "inner" } })["x"](),
    await withOptions(outer, { headers: undefined, timeout: undefined })["x"](),
  ];
  const abortedBy = async (which: number, client: Any = raw) => {
    const controllers = [0, 1].map(() => new AbortController());
    let derived = client;
    for (const { signal } of controllers) derived = withOptions(derived, { signal });
    const call = failed(() => derived["slow"]());
    controllers[which]?.abort(new Error(`signal ${which}`));
    return await call;
  };
  seen["every signal aborts"] = [await abortedBy(0), await abortedBy(1)];
  // Rejects at once, whatever a link waits for.
  const never = () => new Promise<never>(() => {});
  const waiting = [
    createClient<Any>({ links: [() => never] }),
    createClient<Any>({
      links: [authLink({ refresh: never }), () => () => Promise.reject({ status: 401 })],
    }),
    createClient<Any>({
      links: [
        retryLink({ when: () => true, delay: () => 500, attempts: 2 }),
        () => () => Promise.reject(new Error("again")),
      ],
    }),
  ];
  seen["abort while a link waits"] = await Promise.all(
    waiting.map((client) => abortedBy(0, client)),
  );
  let sent = 0;
  const controller = new AbortController();
  const stopped = createClient<Any>({
    signal: controller.signal,
    links: [
      retryLink({ when: () => true, delay: () => (controller.abort(new Error("stop")), 1) }),
      () => async () => {
        sent++;
        throw new Error("again");
      },
    ],
  });
  const stop = await failed(() => stopped["x"]());
  await new Promise((resolve) => setTimeout(resolve, 20));
  seen["no retry after an abort"] = [stop, sent];

  let token = 0;
  let refreshes = 0;
  const late: (() => void)[] = [];
  const secured = createClient<Any>({
    links: [
      authLink({
        refresh: async () => {
          refreshes++;
          if (refreshes === 1) throw new Error("no refresh");
          token++;
        },
      }),
      () => async ({ method }) => {
        const used = token;
        if (method === "late") await new Promise<void>((resolve) => late.push(resolve));
        if (used < 1) throw { name: "", message: "", status: 401, headers: new Headers() };
        return used;
      },
    ],
  });
  const slow = failed(() => secured["late"]());
  seen["failed refresh"] = [
    await Promise.all([1, 2].map(() => failed(() => secured["x"]()))),
    refreshes,
  ];
  seen["refresh again"] = [
    await Promise.all([1, 2].map(() => failed(() => secured["x"]()))),
    refreshes,
  ];
  late.shift()?.();
  // Sent before the refresh: it is sent again with the new credentials, without another refresh.
  while (late.length === 0) await new Promise((resolve) => setTimeout(resolve));
  late.shift()?.();
  seen["late refusal"] = [await slow, refreshes];
  return seen;
}
