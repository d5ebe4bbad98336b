"""Opens a port as a service manager would, and becomes the program that is named: activate.py NAME PORT PROGRAM ARGUMENT..."""
import os
import socket
import sys

name, port, *program = sys.argv[1:]
listener = socket.create_server(("127.0.0.1", int(port)))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES=name, LISTEN_PID=str(os.getpid()))
os.execv(program[0], program)
