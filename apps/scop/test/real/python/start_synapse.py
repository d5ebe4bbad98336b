"""Runs Synapse with services of a DNS server on loopback, and the hosts of .test there too: start_synapse.py PORT -c CONFIGURATION..."""

import socket
import sys

from twisted.names import client

client.theResolver = client.Resolver(servers=[("127.0.0.1", int(sys.argv.pop(1)))])
of_system = socket.getaddrinfo


def on_loopback(host, *args, **named):
    return of_system("127.0.0.1" if str(host).endswith(".test") else host, *args, **named)


socket.getaddrinfo = on_loopback

from synapse.app.homeserver import main  # noqa: E402

main()
