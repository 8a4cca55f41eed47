"""Ends what this process starts together with it, which Windows does by a job object."""

from __future__ import annotations

import ctypes
import struct
import sys

# JOBOBJECT_EXTENDED_LIMIT_INFORMATION: its number, its size, and the place of its flags.
EXTENDED_LIMITS = 9
LIMITS_SIZE = 144 if sys.maxsize > 2**32 else 112
FLAGS_OFFSET = 16
KILL_ON_JOB_CLOSE = 0x2000


def end_children_with_this_process() -> None:
    """Ends the processes that this one will start when it ends, however it ends."""
    if sys.platform != "win32":
        return
    # Its own instance: the user's code may declare the same functions with other types.
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    limits = ctypes.create_string_buffer(LIMITS_SIZE)
    struct.pack_into("=I", limits, FLAGS_OFFSET, KILL_ON_JOB_CLOSE)
    # Never closed: the system closes it when this process ends.
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    if kernel.SetInformationJobObject(job, EXTENDED_LIMITS, limits, LIMITS_SIZE):
        kernel.AssignProcessToJobObject(job, process)
