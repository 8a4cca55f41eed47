"""The backend of the task list."""

from datetime import date
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pyrpc_core import rpc
from pyrpc_fastapi import mount_fastapi

Title = Annotated[str, Field(min_length=1, max_length=80)]


class Task(BaseModel):
    id: int
    title: Title
    due: date | None = None
    done: bool = False


# Replace this by your database.
tasks: dict[int, Task] = {}


@rpc.query
def list_tasks(done: bool | None = None) -> list[Task]:
    """All tasks, or only those that are done or not done."""
    return [task for task in tasks.values() if done is None or task.done == done]


@rpc.mutation
def add_task(title: Title, due: date | None = None) -> Task:
    """Adds a task."""
    task = Task(id=len(tasks) + 1, title=title, due=due)
    tasks[task.id] = task
    return task


@rpc.mutation
def set_done(id: int, done: bool = True) -> Task:
    """Marks a task as done, or as not done."""
    if id not in tasks:
        raise ValueError(f"There is no task {id}")
    tasks[id] = tasks[id].model_copy(update={"done": done})
    return tasks[id]


app = FastAPI()
mount_fastapi(app)
