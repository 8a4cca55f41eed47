"""Writes `taskkill.exe` for Wine 8, whose own does not know `/t`. Usage: FOLDER PYTHON_EXE"""
import io
import os
import sys
import zipfile

from pip._vendor.distlib import scripts

MAIN = '''
import ctypes, sys
from ctypes import wintypes

class Entry(ctypes.Structure):
    _fields_ = [
        ("size", wintypes.DWORD), ("usage", wintypes.DWORD), ("pid", wintypes.DWORD), ("heap", ctypes.c_void_p),
        ("module", wintypes.DWORD), ("threads", wintypes.DWORD), ("parent", wintypes.DWORD),
        ("priority", ctypes.c_long), ("flags", wintypes.DWORD), ("name", ctypes.c_wchar * 260),
    ]

kernel = ctypes.WinDLL("kernel32")
kernel.CreateToolhelp32Snapshot.restype = kernel.OpenProcess.restype = ctypes.c_void_p
snapshot = ctypes.c_void_p(kernel.CreateToolhelp32Snapshot(2, 0))
entry = Entry(ctypes.sizeof(Entry))
parents = {}
more = kernel.Process32FirstW(snapshot, ctypes.byref(entry))
while more:
    parents[entry.pid] = entry.parent
    more = kernel.Process32NextW(snapshot, ctypes.byref(entry))

def end(pid):
    kernel.TerminateProcess(ctypes.c_void_p(kernel.OpenProcess(1, False, pid)), 1)
    for child, parent in parents.items():
        if parent == pid:
            end(child)

flags = [argument.lower() for argument in sys.argv[1:]]
root = int(flags.pop(flags.index("/pid") + 1))
assert sorted(flags) == ["/f", "/pid", "/t"], flags
if root not in parents:
    sys.exit(128)
end(root)
'''

folder, python = sys.argv[1:]
launcher = os.path.join(os.path.dirname(scripts.__file__), "t64.exe")
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as file:
    file.writestr("__main__.py", MAIN)
with open(launcher, "rb") as start, open(os.path.join(folder, "taskkill.exe"), "wb") as target:
    target.write(start.read() + f"#!{python}\r\n".encode() + archive.getvalue())
