"""Synchronises and searches as bob: PORT CERTIFICATE. Prints what came of it as JSON."""
import imaplib
import json
import re
import ssl
import sys

port, certificate = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cafile=certificate)


def connect(*extensions):
    client = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context, timeout=20)
    client.login("bob@scop.test", "scop")
    for extension in extensions:
        client.xatom("ENABLE", extension)
    return client


def told(client, name):
    """All untagged responses of a kind since they were asked for last."""
    return [text.decode() for text in client.untagged_responses.pop(name, []) if text]


result = {}
client = connect()
for number, (subject, extra) in enumerate([("plan", ""), ("Re: plan", "References: <1@x>\r\n"), ("zoo", "")], 1):
    message = f"Subject: {subject}\r\nMessage-ID: <{number}@x>\r\n{extra}\r\nword{number} everywhere\r\n"
    client.append("INBOX", None, None, message.encode())
client.select("INBOX")
known = client.response("HIGHESTMODSEQ")[1][0].decode()
validity = client.response("UIDVALIDITY")[1][0].decode()

result["conditional store"] = client.xatom("STORE", "1:3", "(UNCHANGEDSINCE 1)", "+FLAGS", r"(\Flagged)")[1][0].decode()
client.store("2", "+FLAGS.SILENT", r"(\Flagged)")
client.store("3", "+FLAGS.SILENT", r"(\Deleted)")
client.expunge()
client.untagged_responses.clear()
client.xatom("FETCH", "1:*", f"(UID) (CHANGEDSINCE {known})")
result["changed since"] = [re.sub(r"MODSEQ \(\d+\)", "MODSEQ", text) for text in told(client, "FETCH")]

back = connect("QRESYNC")
back.untagged_responses.clear()
back.xatom("SELECT", "INBOX", f"(QRESYNC ({validity} {known}))")
result["vanished"] = told(back, "VANISHED")
result["changed"] = [re.sub(r"MODSEQ \(\d+\)", "MODSEQ", text) for text in told(back, "FETCH")]
back.logout()

client.xatom("SEARCH", "RETURN", "(MIN MAX COUNT SAVE)", "BODY", "everywhere")
result["esearch"] = [re.sub(r'TAG "\w+"', "TAG", text) for text in told(client, "ESEARCH")]
client.xatom("SEARCH", "$", "BODY", "WORD2")
result["among what was saved"] = told(client, "SEARCH")
result["sorted"] = client.sort("(REVERSE SUBJECT)", "UTF-8", "ALL")[1][0].decode()
result["threads"] = client.thread("REFERENCES", "UTF-8", "ALL")[1][0].decode()
client.logout()

second = connect("IMAP4rev2")
second.xatom("CREATE", '"Entwürfe"'.encode())
second.untagged_responses.clear()
second.xatom("LIST", '""', '"Entw*"')
result["name"] = told(second, "LIST")
second.select("INBOX")
second.untagged_responses.clear()
second.xatom("SEARCH", "SUBJECT", "plan")
result["search of rev2"] = [re.sub(r'TAG "\w+"', "TAG", text) for text in told(second, "ESEARCH")]
second.logout()
print(json.dumps(result))
