"""Imports a Python backend, describes its procedures, and can then serve it.

The toolkit embeds this package and passes its sources to the user's interpreter (see worker_package.ts). It needs Python
3.11 and the standard library. The user's code is imported only when a question names it.

Two modes share one protocol (protocol.py):

* "warm": this process forks for each question, so that every answer comes from a process that has not imported the
  project before. It preloads the third-party packages that the first answer reported, so that the next fork has them.
* "alone": no fork. This process answers one question.

A process that has answered may be ordered to serve: it serves the very objects that it described.
"""
