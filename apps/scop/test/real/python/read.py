"""Reads bob's message with a marker with imaplib, by STARTTLS or IMAPS: PORT CERTIFICATE MARKER starttls|tls. Its bytes go to stdout."""
import imaplib
import ssl
import sys

port, certificate, marker, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
context = ssl.create_default_context(cafile=certificate)

if kind == "tls":
    client = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context, timeout=20)
else:
    client = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    if "LOGINDISABLED" not in client.capabilities:
        sys.exit("LOGIN is offered before TLS")
    client.starttls(ssl_context=context)

try:
    client.login("bob@scop.test", "wrong")
    sys.exit("a wrong password was accepted")
except imaplib.IMAP4.error:
    pass

client.login("bob@scop.test", "scop")
status, folders = client.list()
if status != "OK" or not any(b"INBOX" in folder for folder in folders):
    sys.exit(f"LIST answered {status} {folders}")
client.select("INBOX")
status, found = client.uid("SEARCH", "HEADER", "Message-ID", marker)
uid = found[0].split()[0].decode()
status, parts = client.uid("FETCH", uid, "(FLAGS BODY.PEEK[])")
message = parts[0][1]

status, flagged = client.uid("STORE", uid, "+FLAGS", r"(\Flagged)")
if status != "OK" or b"\\Flagged" not in flagged[0]:
    sys.exit(f"STORE answered {status} {flagged}")
status, appended = client.append("INBOX", r"(\Seen)", imaplib.Time2Internaldate(0), message)
if status != "OK":
    sys.exit(f"APPEND answered {status} {appended}")
client.select("INBOX")
status, parts = client.fetch("*", "(BODY.PEEK[])")
if parts[0][1] != message:
    sys.exit("an appended message came back changed")
client.logout()
sys.stdout.buffer.write(message)
