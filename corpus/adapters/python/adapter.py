"""The email package of Python, dkimpy, pyspf and signedjson as adapters: python3 adapter.py email|dkimpy|pyspf|signedjson"""
import base64, email, email.policy, email.utils, json, platform, sys
from email.headerregistry import Address
from importlib import metadata


def encode(octets):
    return base64.b64encode(octets).decode()


def message_of(octets):
    return email.message_from_bytes(octets, policy=email.policy.default)


def field(name, octets):
    return message_of(name.encode() + b": " + octets + b"\r\n\r\n")


def part_of(encoding, octets):
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=delimiter\r\n\r\n--delimiter\r\n"
    fields = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    return message_of(head + fields + octets + b"\r\n--delimiter--\r\n").get_payload(0)


def readable(value):
    """Octets above 127 that the package keeps as surrogates, as the UTF-8 that they are."""
    if isinstance(value, str):
        return value.encode("utf8", "surrogateescape").decode("utf8", "replace")
    if isinstance(value, dict):
        return {name: readable(each) for name, each in value.items()}
    return [readable(each) for each in value] if isinstance(value, list) else value


def accept(value, defects=()):
    return {"outcome": "accept", "value": value, "reported": [type(each).__name__ for each in defects]}


def address_list(octets, params):
    header = field("To", octets)["to"]
    shown = [{"name": each.display_name, "address": each.username + "@" + each.domain} for each in header.addresses]
    return accept({"mailboxes": shown, "count": len(shown)}, header.defects)


def address_mailbox(octets, params):
    found = Address(addr_spec=octets.decode())
    return accept({"local": found.username, "domain": found.domain})


def header_text(octets, params):
    header = field("Subject", octets)["subject"]
    text = str(header)
    lines = len(text.replace("\r", "\n").replace("\0", "\n").split("\n"))
    return accept({"text": text, "lines": lines, "characters": len(text)}, header.defects)


def header_date(octets, params):
    header = field("Date", octets)["date"]
    if header.datetime is None:
        return {"outcome": "reject", "reason": "no date"}
    zone = header.datetime.utcoffset()
    if zone is None:
        header = header.datetime.replace(tzinfo=__import__("datetime").timezone.utc)
        return accept({"epoch": int(header.timestamp()), "offset": 0})
    return accept({"epoch": int(header.datetime.timestamp()), "offset": int(zone.total_seconds() // 60)}, header.defects)


def header_filename(octets, params):
    return accept({"filename": field("Content-Disposition", octets).get_filename(), "done": True})


def header_fields(octets, params):
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    value = lambda text: "".join(text.splitlines()).strip(" \t") if isinstance(text, str) else None
    return accept({"fields": [[name, value(text)] for name, text in message.raw_items()]}, message.defects)


def tree_of(part):
    if part.is_multipart():
        return {"type": part.get_content_type(), "parts": [tree_of(each) for each in part.get_payload()]}
    return {"type": part.get_content_type()}


def leaves_of(message):
    return [part for part in message.walk() if not part.is_multipart() and part.get_content_maintype() != "multipart"]


def mime_parse(octets, params):
    message = email.message_from_bytes(octets, policy=email.policy.default)
    leaves = leaves_of(message)
    content = [part.get_payload(decode=True) or b"" for part in leaves]
    attached = [(part, data) for part, data in zip(leaves, content) if part.get_content_disposition() == "attachment"]
    marker = params.get("marker", "\0").encode()
    return accept(
        {
            "tree": tree_of(message),
            "leaves": [{"type": p.get_content_type(), "base64": encode(d)} for p, d in zip(leaves[:1000], content)],
            "attachments": [
                {"type": p.get_content_type(), "filename": p.get_filename(), "base64": encode(d)} for p, d in attached
            ],
            "contains": any(marker in data for data in content),
            "done": True,
        },
        [defect for part in message.walk() for defect in part.defects],
    )


def dmarc_author(octets, params):
    message = message_of(octets)
    fields = message.get_all("from", [])
    domains = [each.domain.lower() for header in fields for each in header.addresses if each.domain]
    defects = [defect for header in fields for defect in header.defects] + list(message.defects)
    if not domains:
        return {"outcome": "reject", "reason": "no domain"}
    several = ["SeveralAuthors"] if len(set(domains)) > 1 else []
    answer = accept({"domains": list(dict.fromkeys(domains))}, defects)
    return {**answer, "reported": answer["reported"] + several}


def decoded(encoding):
    return lambda octets, params: accept({"base64": encode(part_of(encoding, octets).get_payload(decode=True))})


def charset_decode(octets, params):
    head = 'Content-Type: text/plain; charset="%s"\r\nContent-Transfer-Encoding: base64\r\n\r\n' % params["charset"]
    message = message_of(b"MIME-Version: 1.0\r\n" + head.encode() + base64.b64encode(octets))
    try:
        return accept({"text": message.get_content()})
    except LookupError:
        return accept({"text": None})


EMAIL = {
    "address.list": (["mailboxes", "count"], address_list),
    "address.mailbox": (["local", "domain"], address_mailbox),
    "header.text": (["text", "lines", "characters"], header_text),
    "header.date": (["epoch", "offset"], header_date),
    "header.filename": (["filename", "done"], header_filename),
    "header.fields": (["fields"], header_fields),
    "dmarc.author": (["domains"], dmarc_author),
    "mime.parse": (["tree", "leaves", "attachments", "contains", "done"], mime_parse),
    "encoding.base64": (["base64"], decoded(b"base64")),
    "encoding.quoted-printable": (["base64"], decoded(b"quoted-printable")),
    "charset.decode": (["text"], charset_decode),
}


def text_of(zone):
    names = {name.lower(): value for name, value in zone.items()}

    def look(name, timeout=5):
        known = names.get((name.decode() if isinstance(name, bytes) else name).lower().rstrip("."))
        if known == "TIMEOUT" or (known and known.get("TXT") == "TIMEOUT"):
            import dkim.dnsplug

            raise dkim.DnsTimeoutError("TIMEOUT")
        texts = (known or {}).get("TXT")
        return texts[0].encode() if texts else None

    return look


def dkim_verify(octets, params):
    import dkim

    verifier = dkim.DKIM(octets)
    count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
    words = []
    for index in range(count):
        try:
            words.append("pass" if verifier.verify(idx=index, dnsfunc=text_of(params["zone"])) else "fail")
        except dkim.DnsTimeoutError:
            words.append("temperror")
        except dkim.DKIMException:
            words.append("permerror")
    result = "pass" if "pass" in words else words[0] if words else "none"
    return accept({"result": result, "signatures": [{"result": word} for word in words]})


def arc_verify(octets, params):
    import dkim

    result, _, _ = dkim.ARC(octets).verify(dnsfunc=text_of(params["zone"]))
    return accept({"result": (result or b"none").decode()})


DKIMPY = {"dkim.verify": (["result", "signatures"], dkim_verify), "arc.verify": (["result"], arc_verify)}


def spf_check(octets, params):
    import spf

    zone = {name.lower(): value for name, value in params["zone"].items()}

    def lookup(name, kind, strict=True, timeout=None):
        known = zone.get(name.lower().rstrip("."), {})
        if known == "TIMEOUT" or known.get(kind) == "TIMEOUT":
            raise spf.TempError("DNS timeout")
        found = known.get(kind, [])
        if kind == "TXT":
            return [((name, kind), (each.encode(),)) for each in found]
        if kind == "MX":
            return [((name, kind), (each["preference"], each["exchange"])) for each in found]
        if kind == "AAAA":
            return [((name, kind), spf.ipaddress.IPv6Address(each).packed) for each in found] and [
                ((name, kind), each) for each in found
            ]
        return [((name, kind), each) for each in found]

    spf.DNSLookup = lookup
    ip = params["ip"].replace("::ffff:", "") if "." in params["ip"] else params["ip"]
    result, _ = spf.check2(ip, params["mailFrom"], params["helo"])
    return accept({"result": result})


PYSPF = {"spf.check": (["result"], spf_check)}


def canonical_json(octets, params):
    import canonicaljson

    return accept({"canonical": canonicaljson.encode_canonical_json(json.loads(octets)).decode()})


def sign_json(octets, params):
    import canonicaljson, signedjson.key, signedjson.sign

    algorithm, version = params["keyId"].split(":")
    key = signedjson.key.decode_signing_key_base64(algorithm, version, params["seed"])
    signed = signedjson.sign.sign_json(json.loads(octets), params["entity"], key)
    signature = signed["signatures"][params["entity"]][params["keyId"]]
    return accept({"signature": signature, "signed": canonicaljson.encode_canonical_json(signed).decode()})


def verify_json(octets, params):
    import signedjson.key, signedjson.sign
    from unpaddedbase64 import decode_base64

    key = signedjson.key.decode_verify_key_bytes(params["keyId"], decode_base64(params["publicKey"]))
    signedjson.sign.verify_signed_json(json.loads(octets), params["entity"], key)
    return accept({"verified": True})


SIGNEDJSON = {
    "matrix.canonical-json": (["canonical"], canonical_json),
    "matrix.sign-json": (["signature", "signed"], sign_json),
    "matrix.verify-json": (["verified"], verify_json),
}

NAMES = {
    "email": ("python-email", lambda: platform.python_version(), EMAIL),
    "dkimpy": ("dkimpy", lambda: metadata.version("dkimpy"), DKIMPY),
    "signedjson": ("signedjson", lambda: metadata.version("signedjson"), SIGNEDJSON),
    "pyspf": ("pyspf", lambda: metadata.version("pyspf"), PYSPF),
}

name, version, operations = NAMES[sys.argv[1] if len(sys.argv) > 1 else "email"]
ops = {op: fields for op, (fields, _) in operations.items()}
print(json.dumps({"hello": {"name": name, "version": version(), "language": "Python", "ops": ops}}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    try:
        run = operations[question["op"]][1]
        answer = run(base64.b64decode(question["input"]["base64"]), question.get("params", {}))
    except Exception as error:
        answer = {"outcome": "reject", "reason": (type(error).__name__ + ": " + str(error))[:200]}
    print(json.dumps(readable({"id": question["id"], **answer})), flush=True)
