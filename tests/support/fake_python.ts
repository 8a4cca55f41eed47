import { ToolError } from "../../lib/errors.ts";
import type {
  Hello,
  ModuleRun,
  ProcessExit,
  Question,
  ServeOrder,
  ServeStart,
} from "../../lib/python/mod.ts";

/** A question that waits for its answer. */
interface Open {
  readonly number: number;
  readonly resolve: (run: ModuleRun) => void;
}

/** The document of a server with these procedures. */
export function fakeSchemas(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, { parameters: [], return_schema: {} }]));
}

/** Stands in for a `PythonBackend`: a test answers its questions and ends its servers. Each call is a line in `log`. */
export class FakePython {
  readonly #log: (line: string) => void;
  readonly #open: Open[] = [];
  readonly #exits = new Map<number, (exit: ProcessExit) => void>();
  #count = 0;
  /** How a server starts. */
  start: ServeStart = { kind: "ready" };
  /** Source files that the answers name. */
  files: readonly string[] = ["main.py"];

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  hello(): Promise<Hello> {
    return Promise.resolve({ event: "hello", version: "3.12.0" });
  }

  ask({ module, signal }: Question): Promise<ModuleRun> {
    const number = ++this.#count;
    this.#log(`ask ${number} ${module}`);
    return new Promise((resolve, reject) => {
      const open: Open = { number, resolve };
      this.#open.push(open);
      signal?.addEventListener("abort", () => {
        const index = this.#open.indexOf(open);
        if (index < 0) return;
        this.#open.splice(index, 1);
        this.#log(`cancel ${number}`);
        reject(signal.reason);
      });
    });
  }

  /** Answers the oldest open question: with procedures, or with a failure without any. */
  answer(...names: readonly string[]): void {
    const { number, resolve } = this.#open.shift()!;
    resolve(this.#run(number, names));
  }

  /** Ends the process of a question. */
  exit(number: number, code: number): void {
    this.#exits.get(number)?.({ code, signal: null });
  }

  errorOf(): ToolError {
    return new ToolError({ code: "BACKEND_SYNTAX", message: "SyntaxError", exitCode: 4 });
  }

  installCommand(name: string): string {
    return `pip install ${name}`;
  }

  unlisten(): void {
    this.#log("unlisten");
  }

  end(): Promise<void> {
    this.#log("end python");
    for (const exit of this.#exits.values()) exit({ code: 0, signal: null });
    return Promise.resolve();
  }

  #run(number: number, names: readonly string[]): ModuleRun {
    const { files } = this;
    const exited = new Promise<ProcessExit>((resolve) => this.#exits.set(number, resolve));
    return {
      answer: names.length === 0
        ? {
          ok: false,
          kind: "syntax",
          type: "SyntaxError",
          message: "invalid syntax",
          place: null,
          traceback: "",
          // The module whose import failed is not among them.
          files: [],
          deepestIsProject: true,
        } as ModuleRun["answer"]
        : {
          ok: true,
          contract: fakeSchemas(names),
          problems: [],
          adapted: [],
          defaults: [],
          facts: [],
          duplicates: [],
          files,
          app: null,
          core: null,
        },
      exited,
      serve: ({ port }: ServeOrder) => {
        this.#log(`serve ${number} ${port}`);
        return Promise.resolve(this.start);
      },
      stop: () => {
        this.#log(`stop ${number}`);
        return Promise.resolve();
      },
    };
  }
}
