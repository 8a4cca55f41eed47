import { isValidationError } from "@pyrpc/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Task } from "./api";
import { api } from "./rpc";

export function Tasks() {
  const tasks = useQuery(api.list_tasks.queryOptions());
  if (tasks.isPending) return <p>Loading…</p>;
  if (tasks.isError) return <p role="alert">{tasks.error.message}</p>;
  return (
    <main>
      <h1>Tasks</h1>
      <ul>
        {tasks.data.map((task) => <TaskItem key={task.id} task={task} />)}
      </ul>
      <AddTask />
    </main>
  );
}

function TaskItem({ task }: { task: Task }) {
  const refresh = useRefresh();
  const setDone = useMutation({ ...api.set_done.mutationOptions(), onSuccess: refresh });
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={task.done}
          onChange={() => setDone.mutate({ id: task.id, done: !task.done })}
        />
        {task.title}
      </label>
    </li>
  );
}

function AddTask() {
  const [title, setTitle] = useState("");
  const refresh = useRefresh();
  const add = useMutation({
    ...api.add_task.mutationOptions(),
    onSuccess: () => {
      setTitle("");
      return refresh();
    },
  });
  return (
    <form action={() => add.mutate({ title })}>
      <input aria-label="New task" value={title} onChange={(event) => setTitle(event.target.value)} />
      <button type="submit" disabled={add.isPending}>Add</button>
      {add.error && <p role="alert">{messageOf(add.error)}</p>}
    </form>
  );
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: api.list_tasks.queryKey() });
}

// Pydantic's message for a rejected argument: "title: String should have at least 1 character".
function messageOf(error: Error): string {
  return isValidationError(error) ? `${error.data.field}: ${error.data.message}` : error.message;
}
