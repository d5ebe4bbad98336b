"""Uses extensions of IMAP as bob: PORT CERTIFICATE. Prints what came of it as JSON."""
import imaplib
import json
import ssl
import sys

port, certificate = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cafile=certificate)
client = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context, timeout=20)
client.login("bob@scop.test", "scop")
result = {}


def several(mailbox, *messages):
    """MULTIAPPEND with literals that do not wait."""
    tag = client._new_tag()
    client.send(tag + b" APPEND " + mailbox)
    for message in messages:
        client.send(b" {%d+}\r\n" % len(message) + message)
    client.send(b"\r\n")
    client.tagged_commands[tag] = None
    return client._command_complete("APPEND", tag)


def refused(command, *arguments):
    """The first words of a NO."""
    status, text = client.xatom(command, *arguments)
    return f"{status} {text[0].decode().lstrip('[').split(']')[0].split()[0]}"


parts = (
    b"Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC/w==\r\n--b--\r\n"
)
status, text = several(b"INBOX", b"Subject: a\r\n\r\none\r\n", b"Subject: b\r\n\r\ntwo\r\n", parts)
result["appended UIDs"] = text[0].decode().split("]")[0].split()[-1]

client.select("INBOX")
status, text = client.xatom("APPEND", "Sent", "CATENATE", "(URL /INBOX/;UID=1 URL /INBOX/;UID=2/;SECTION=TEXT)")
client.select("Sent")
status, fetched = client.fetch("1", "(BODY.PEEK[])")
result["together"] = fetched[0][1].decode()
result["bad URL"] = refused("APPEND", "Sent", "CATENATE", "(URL /INBOX/;UID=77)")

client.append("Sent", None, None, b"Subject: c\r\n\r\nthree\r\n")
client.select("INBOX")
status, fetched = client.fetch("3", "(BINARY.PEEK[1])")
result["decoded part"] = fetched[0][1].decode("latin1")
status, fetched = client.fetch("1", "(PREVIEW)")
result["preview"] = fetched[0].decode().split('"')[1]
status, roots = client.getquotaroot("INBOX")
result["quota"] = roots[1][0].decode()
status, text = several(b"INBOX", *[b"Subject: x\r\n\r\n"] * 5)
result["too many"] = f"{status} {text[0].decode().lstrip('[').split(']')[0]}"

client.xatom("CREATE", "Old", r"(USE (\Archive))")
status, listed = client.xatom("LIST", '(SPECIAL-USE)', '""', '"*"')
result["special use"] = any(rb"\Archive" in line for line in client.untagged_responses.get("LIST", []))
client.untagged_responses.pop("LIST", None)
client.subscribe("Nowhere")
status, names = client.lsub()
result["lost subscription"] = any(b"Nowhere" in name for name in names)
client.logout()
print(json.dumps(result))
