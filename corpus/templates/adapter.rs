// An adapter in Rust: cargo add serde_json base64 mail-parser; put this into src/main.rs; cargo run --release.
use base64::{Engine, engine::general_purpose::STANDARD};
use mail_parser::DateTime;
use serde_json::{Value, json};
use std::io::BufRead;

fn main() {
    let ops = json!({"header.date": ["epoch"]});
    println!("{}", json!({"hello": {"name": "template-rs", "version": "1", "language": "Rust", "ops": ops}}));
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let octets = STANDARD.decode(asked["input"]["base64"].as_str().unwrap()).unwrap();
        let text = String::from_utf8_lossy(&octets);
        // Replace this by what you test.
        match DateTime::parse_rfc822(&text) {
            Some(date) => println!(
                "{}",
                json!({"id": asked["id"], "outcome": "accept", "value": {"epoch": date.to_timestamp()}})
            ),
            None => println!("{}", json!({"id": asked["id"], "outcome": "reject", "reason": "no date"})),
        }
    }
}
