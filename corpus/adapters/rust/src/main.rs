//! mail-parser and mail-auth as adapters: `corpus-rust mail-parser` or `corpus-rust mail-auth`.
mod auth;
mod parser;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::io::{BufRead, Write};

/// One answer: the value, or why there is none.
pub type Answer = Result<Value, String>;

pub fn encode(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

fn main() {
    let which = std::env::args().nth(1).unwrap_or_default();
    let (version, ops, run): (&str, Value, fn(&str, &[u8], &Value) -> Answer) = match which.as_str() {
        "mail-auth" => ("0.13.3", auth::ops(), auth::run),
        _ => ("0.11.9", parser::ops(), parser::run),
    };
    let name = if which == "mail-auth" { "mail-auth" } else { "mail-parser" };
    let mut out = std::io::stdout().lock();
    let hello = json!({"hello": {"name": name, "version": version, "language": "Rust", "ops": ops}});
    writeln!(out, "{hello}").and_then(|()| out.flush()).expect("an output");
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.expect("a line")).expect("a question");
        let octets = STANDARD.decode(question["input"]["base64"].as_str().unwrap_or("")).expect("octets");
        let op = question["op"].as_str().unwrap_or("");
        let answer = match run(op, &octets, &question["params"]) {
            Ok(value) => json!({"id": question["id"], "outcome": "accept", "value": value}),
            Err(reason) => json!({"id": question["id"], "outcome": "reject", "reason": reason}),
        };
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("an output");
    }
}
