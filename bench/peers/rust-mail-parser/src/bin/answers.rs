//! Prints what Stalwart's mail-parser reads of each message of a folder, one line of JSON each: see `bench/differences/answer.ts`.
use mail_parser::{Addr, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use std::{env, fs};

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.chars() {
        match unit {
            '"' | '\\' => out.extend(['\\', unit]),
            _ if (unit as u32) < 32 => out.push_str(&format!("\\u{:04x}", unit as u32)),
            _ => out.push(unit),
        }
    }
    out.push('"');
    out
}

fn optional(text: Option<&str>) -> String {
    text.map_or(String::from("null"), quoted)
}

/// FNV-1a of 32 bits.
fn hash(octets: &[u8]) -> u32 {
    octets.iter().fold(0x811c_9dc5, |hash: u32, octet| (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193))
}

/// The leaves of a message, those of messages within it among them.
#[derive(Default)]
struct Leaves {
    types: Vec<String>,
    texts: Vec<String>,
    pages: Vec<String>,
    files: Vec<String>,
}

fn leaf(found: &mut Leaves, part: &MessagePart<'_>) {
    let given = part.content_type();
    let kind = given.map_or(String::from("text/plain"), |kind| {
        format!("{}/{}", kind.c_type, kind.c_subtype.as_deref().unwrap_or("")).to_lowercase()
    });
    found.types.push(quoted(&kind));
    let is_file = part.attachment_name().is_some()
        || part.content_disposition().is_some_and(|field| field.c_type.eq_ignore_ascii_case("attachment"));
    let octets: &[u8] = match &part.body {
        PartType::Text(text) if !is_file && kind == "text/plain" => return found.texts.push(quoted(text)),
        PartType::Html(text) if !is_file => return found.pages.push(quoted(text)),
        PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
        PartType::Binary(octets) | PartType::InlineBinary(octets) => octets,
        _ => return,
    };
    found.files.push(format!("[{},{},{}]", optional(part.attachment_name()), octets.len(), hash(octets)));
}

fn collect(found: &mut Leaves, message: &Message<'_>) {
    for part in &message.parts {
        match &part.body {
            PartType::Message(within) => collect(found, within),
            PartType::Multipart(_) => (),
            _ => leaf(found, part),
        }
    }
}

fn mailbox(each: &Addr<'_>) -> String {
    format!("[{},{}]", quoted(each.name().unwrap_or("")), quoted(each.address().unwrap_or("")))
}

fn answer(octets: &[u8]) -> String {
    let Some(message) = MessageParser::default().parse(octets) else {
        return String::from("{\"error\":\"no message\"}");
    };
    let mut found = Leaves::default();
    collect(&mut found, &message);
    let from = message.from().map_or(Vec::new(), |list| list.iter().map(mailbox).collect());
    format!(
        "{{\"from\":[{}],\"subject\":{},\"date\":{},\"types\":[{}],\"texts\":[{}],\"pages\":[{}],\"files\":[{}]}}",
        from.join(","),
        optional(message.subject()),
        message.date().map_or(String::from("null"), |date| date.to_timestamp().to_string()),
        found.types.join(","),
        found.texts.join(","),
        found.pages.join(","),
        found.files.join(","),
    )
}

fn main() {
    let folder = env::args().nth(1).expect("a folder");
    let mut files: Vec<_> = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    for file in files {
        println!("{}", answer(&fs::read(file).expect("a message")));
    }
}
