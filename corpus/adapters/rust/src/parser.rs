use crate::{Answer, encode};
use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};
use serde_json::{Value, json};

pub fn ops() -> Value {
    json!({
        "address.list": ["mailboxes", "count"],
        "header.text": ["text", "lines", "characters"],
        "header.date": ["epoch", "offset"],
        "header.filename": ["filename", "done"],
        "header.message-ids": ["ids"],
        "mime.parse": ["attachments", "contains", "done"],
        "encoding.base64": ["base64"],
        "encoding.quoted-printable": ["base64"],
        "charset.decode": ["text"],
    })
}

fn around(before: &str, octets: &[u8], after: &str) -> Vec<u8> {
    [before.as_bytes(), octets, after.as_bytes()].concat()
}

fn parse(bytes: &[u8]) -> Result<Message<'_>, String> {
    MessageParser::default().parse(bytes).ok_or_else(|| "no message".to_string())
}

fn content<'a>(part: &'a mail_parser::MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
        PartType::Binary(octets) | PartType::InlineBinary(octets) => octets,
        _ => b"",
    }
}

fn mailboxes(address: Option<&Address>) -> Vec<Value> {
    let Some(address) = address else { return Vec::new() };
    address
        .iter()
        .map(|each| json!({"name": each.name.as_deref().unwrap_or(""), "address": each.address.as_deref().unwrap_or("")}))
        .collect()
}

fn type_of(part: &mail_parser::MessagePart) -> String {
    let Some(found) = part.content_type() else { return "text/plain".to_string() };
    format!("{}/{}", found.ctype(), found.subtype().unwrap_or("plain")).to_lowercase()
}

fn is_attachment(part: &mail_parser::MessagePart) -> bool {
    part.content_disposition().is_some_and(|each| each.ctype().eq_ignore_ascii_case("attachment"))
}

fn holds(message: &Message, marker: &[u8]) -> bool {
    message.parts.iter().any(|part| match &part.body {
        PartType::Message(inner) => holds(inner, marker),
        _ => content(part).windows(marker.len().max(1)).any(|each| each == marker),
    })
}

fn whole(bytes: &[u8], params: &Value) -> Answer {
    let message = parse(bytes)?;
    let attachments: Vec<Value> = message
        .parts
        .iter()
        .filter(|part| is_attachment(part))
        .map(|part| json!({"type": type_of(part), "filename": part.attachment_name(), "base64": encode(content(part))}))
        .collect();
    let marker = params["marker"].as_str().unwrap_or("\0");
    Ok(json!({"attachments": attachments, "contains": holds(&message, marker.as_bytes()), "done": true}))
}

fn decoded(encoding: &str, octets: &[u8]) -> Answer {
    let head = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=delimiter\r\n\r\n--delimiter\r\n\
         Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    );
    let bytes = around(&head, octets, "\r\n--delimiter--\r\n");
    let message = parse(&bytes)?;
    Ok(json!({"base64": encode(message.parts.get(1).map_or(b"", content))}))
}

pub fn run(op: &str, octets: &[u8], params: &Value) -> Answer {
    match op {
        "address.list" => {
            let bytes = around("To: ", octets, "\r\n\r\n");
            let found = mailboxes(parse(&bytes)?.to());
            Ok(json!({"count": found.len(), "mailboxes": found}))
        }
        "header.text" => {
            let bytes = around("Subject: ", octets, "\r\n\r\n");
            let message = parse(&bytes)?;
            let text = message.subject().unwrap_or("");
            let lines = text.split(['\r', '\n', '\0']).count();
            Ok(json!({"text": text, "lines": lines, "characters": text.encode_utf16().count()}))
        }
        "header.date" => {
            let bytes = around("Date: ", octets, "\r\n\r\n");
            let message = parse(&bytes)?;
            let date = message.date().filter(|date| date.is_valid()).ok_or("no date")?;
            let minutes = i64::from(date.tz_hour) * 60 + i64::from(date.tz_minute);
            Ok(json!({"epoch": date.to_timestamp(), "offset": if date.tz_before_gmt { -minutes } else { minutes }}))
        }
        "header.filename" => {
            let head = "Content-Type: application/octet-stream\r\nContent-Disposition: ";
            let bytes = around(head, octets, "\r\n\r\nx\r\n");
            let message = parse(&bytes)?;
            let name = message.parts[0].content_disposition().and_then(|each| each.attribute("filename"));
            Ok(json!({"filename": name, "done": true}))
        }
        "header.message-ids" => {
            let bytes = around("References: ", octets, "\r\n\r\n");
            let message = parse(&bytes)?;
            let ids = message.references();
            let list: Vec<&str> = match ids.as_text_list() {
                Some(list) => list.iter().map(AsRef::as_ref).collect(),
                None => ids.as_text().into_iter().collect(),
            };
            Ok(json!({"ids": list}))
        }
        "mime.parse" => whole(octets, params),
        "encoding.base64" => decoded("base64", octets),
        "encoding.quoted-printable" => decoded("quoted-printable", octets),
        "charset.decode" => {
            let charset = params["charset"].as_str().unwrap_or("");
            let head = format!(
                "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=\"{charset}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            );
            let bytes = around(&head, encode(octets).as_bytes(), "");
            Ok(json!({"text": parse(&bytes)?.body_text(0)}))
        }
        _ => Err("unsupported".to_string()),
    }
}
