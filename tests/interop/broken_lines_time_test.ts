import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { clientText } from "../../lib/client/mod.ts";
import { run } from "../../scripts/project.ts";
import { CLIENT_COMPILERS, typesOf, viteReactProject } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES, CLIENT_FILES } from "../support/broken_client_cases.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const node = requireTool("node");
const FILES = 500;
const LIMIT = 2;

for (const typescript of CLIENT_COMPILERS) {
  test(
    `diff --client-root takes at most twice as long as tsc ${typescript} for ${FILES} files that all use the types`,
    { skip: RUNS_ALL_CASES ? node.skip : "part of deno task verify breakage" },
    async (context) => {
      const old = baseContract();
      const next = baseContract();
      BREAKING_CASES[0]!.edit(next);
      const components = Array.from({ length: FILES }, (_, index) => [
        `web/src/generated/part${index}.tsx`,
        componentText(index),
      ]);
      await using folder = await viteReactProject({
        ...CLIENT_FILES,
        ...Object.fromEntries(components),
        "web/src/api.ts": typesOf(old),
        "web/src/pyrpc-client.ts": clientText(),
        "api/old.json": JSON.stringify(old),
        "api/new.json": JSON.stringify(next),
      }, typescript);
      const compile = () =>
        run(node.path, [
          join(folder.at("web"), "node_modules/typescript/bin/tsc"),
          "--noEmit",
          "-p",
          "tsconfig.app.json",
        ], { cwd: folder.at("web") });
      const diff = () =>
        runCli(["diff", "old.json", "new.json", "--client-root", "../web", "--json"], {
          cwd: folder.at("api"),
          env: { PATH: process.env["PATH"] },
        });
      const own: number[] = [];
      const ours: number[] = [];
      // In turn, so that another load of the machine affects both; the fastest runs count.
      for (let turn = 0; turn < 3; turn++) {
        own.push(await millisecondsOf(compile));
        ours.push(
          await millisecondsOf(async () => {
            const { stdout } = await diff();
            const report = JSON.parse(stdout);
            assert.equal(report.clients[0].files, FILES + Object.keys(CLIENT_FILES).length + 3);
            assert.equal(report.changes[0].impact.lines.length, FILES / 25 + 2);
          }),
        );
      }
      const [tsc, pyrpc] = [Math.min(...own), Math.min(...ours)];
      context.diagnostic(`tsc ${tsc} ms, diff ${pyrpc} ms: ${(pyrpc / tsc).toFixed(2)}`);
      assert.ok(pyrpc <= LIMIT * tsc);
    },
  );
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

// A component with state, effects and children, as large projects have hundreds of.
function componentText(index: number): string {
  const child = index % 5 === 0 ? undefined : index - 1;
  const stock = index % 25 === 0 ? `product.in_stock ? "in stock" : "sold out"` : `product.id`;
  return `import { useCallback, useEffect, useMemo, useReducer, useState } from "react";
import type { ReactNode } from "react";
import type { Product } from "../api.ts";
import { rpc } from "../rpc.ts";
${child === undefined ? "" : `import { Part${child} } from "./part${child}.tsx";`}
interface State { readonly products: readonly Product[]; readonly q: string; readonly isBusy: boolean }
type Action = { type: "loaded"; products: readonly Product[] } | { type: "search"; q: string };
function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "loaded": return { ...state, products: action.products, isBusy: false };
    case "search": return { ...state, q: action.q, isBusy: true };
  }
}
function Row({ product, children }: { product: Product; children?: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const label = useMemo(() => \`\${product.name} #\${product.id}\`, [product]);
  return <li onClick={() => setOpen((value) => !value)}>{label} {isOpen ? children : null} {${stock}}</li>;
}
export function Part${index}({ id }: { id: number }) {
  const [state, dispatch] = useReducer(reduce, { products: [], q: "", isBusy: true });
  useEffect(() => {
    rpc.list_products({ q: state.q }).then((products) => dispatch({ type: "loaded", products }));
  }, [state.q]);
  const byName = useMemo(() => new Map(state.products.map((each) => [each.name, each] as const)), [state.products]);
  const search = useCallback((q: string) => dispatch({ type: "search", q }), []);
  return (
    <section data-id={id} style={{ display: "grid", gap: 4 }}>
      <input value={state.q} onChange={(event) => search(event.target.value)} disabled={state.isBusy} />
      <ul>{[...byName].map(([name, product]) => <Row key={name} product={product}><b>{product.id}</b></Row>)}</ul>
      ${child === undefined ? "" : `<Part${child} id={id} />`}
    </section>
  );
}
`;
}
