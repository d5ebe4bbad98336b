"""Submits a file with smtplib: PORT CERTIFICATE FILE. Then looks at what a stranger and a mistyped address are told."""
import json
import smtplib
import ssl
import sys

port, certificate, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=certificate)
answers = {}

with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
    client.ehlo("client.outside.example")
    answers["auth before TLS"] = client.has_extn("auth")
    answers["mail before TLS"] = client.docmd("MAIL", "FROM:<alice@scop.test>")[0]
    client.starttls(context=context)
    client.ehlo("client.outside.example")
    answers["auth after TLS"] = client.has_extn("auth")
    try:
        client.login("alice@scop.test", "wrong")
    except smtplib.SMTPAuthenticationError as error:
        answers["wrong password"] = error.smtp_code

with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
    client.starttls(context=context)
    client.login("alice@scop.test", "scop")
    with open(path, "rb") as file:
        message = file.read()
    answers["refused"] = client.sendmail("alice@scop.test", ["bob@scop.test"], message)
    try:
        client.sendmail("alice@scop.test", ["nobody@scop.test"], message)
    except smtplib.SMTPRecipientsRefused as error:
        answers["unknown recipient"] = error.recipients["nobody@scop.test"][0]

print(json.dumps(answers))
