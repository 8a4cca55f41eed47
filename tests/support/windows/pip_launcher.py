"""Writes the launcher that pip installs on Windows for the command `pyrpc` of pyrpc-core. Usage: FOLDER PYTHON_EXE"""
import os
import sys

from pip._vendor.distlib import scripts

folder, python = sys.argv[1:]
maker = scripts.ScriptMaker(None, folder, add_launchers=True)
maker._is_nt = True
maker._get_launcher = lambda kind: open(os.path.join(os.path.dirname(scripts.__file__), "t64.exe"), "rb").read()
maker.executable = python
maker.variants = {""}
maker.make("pyrpc = pyrpc_core.cli:app")
