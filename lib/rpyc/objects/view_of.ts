import { isPlainObject } from "../python_text.ts";
import { userCallable } from "../procedure.ts";
import type { TypeHint } from "../type_hint.ts";
import { callableView } from "./callable_view.ts";
import { dictView } from "./dict_view.ts";
import { instanceView } from "./instance_view.ts";
import { isIterator, iteratorView } from "./iterator_view.ts";
import { listView } from "./list_view.ts";
import { setView } from "./set_view.ts";
import { isCallable, type PythonView } from "./view.ts";

/** An object of ours that brings its own view, as the root service does. */
export const VIEW: unique symbol = Symbol("pyrpc.view");

/** The view of any object that travels by reference, by its kind. */
export function viewOf(value: object, hint: TypeHint | undefined): PythonView {
  const own: unknown = Reflect.get(value, VIEW);
  if (own !== undefined) return own as PythonView;
  if (Array.isArray(value)) return listView(value, hint);
  if (value instanceof Map) return dictView(value, hint);
  if (value instanceof Set) return setView(value, hint);
  if (typeof value === "function") {
    const run = value as (...args: unknown[]) => unknown;
    return callableView(
      userCallable({ owner: "", name: run.name || "<lambda>", run, kind: "function" }),
    );
  }
  if (isCallable(value)) return callableView(value);
  if (isIterator(value)) return iteratorView(value);
  if (isPlainObject(value)) return dictView(value, hint);
  return instanceView(value);
}
