import { userCallable } from "../procedure.ts";
import { isPlainObject } from "../python_types.ts";
import type { TypeHint } from "../type_hint.ts";
import { isCallable } from "./callable.ts";
import { callableView } from "./callable_view.ts";
import { dictView } from "./dict_view.ts";
import { instanceView } from "./instance_view.ts";
import { isIterator, iteratorView } from "./iterator_view.ts";
import { listView } from "./list_view.ts";
import { setView } from "./set_view.ts";
import { type PythonView, VIEW } from "./view.ts";

/** Returns the view of an object that is sent by reference. */
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
