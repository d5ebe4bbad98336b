//! Parses messages with Stalwart's mail-parser: the folder of the inputs is its argument, one task a line its input.
use mail_parser::{MessageParser, PartType};
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::{env, fs, hint, io, path::Path, time::Instant};

unsafe extern "C" {
    /// Processor time of this process in microseconds, by POSIX.
    safe fn clock() -> std::ffi::c_long;
}

fn read(folder: &str, name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(Path::new(folder).join(name))
        .expect("the folder of an input")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a message")).collect()
}

/// All text and attachments are decoded by the parser itself; the usual fields are looked at.
fn full(bytes: &[u8]) -> Option<usize> {
    let message = MessageParser::default().parse(bytes)?;
    let fields = [message.from().is_some(), message.to().is_some(), message.date().is_some()];
    hint::black_box((fields, message.subject(), message.message_id()));
    Some(message.parts.iter().map(|part| match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.len(),
        PartType::Binary(content) | PartType::InlineBinary(content) => content.len(),
        _ => 0,
    }).sum())
}

/// The value of a field of one line of JSON that we write ourselves.
fn value<'a>(line: &'a str, key: &str) -> &'a str {
    let start = line.find(&format!("\"{key}\":")).expect("a field") + key.len() + 3;
    let rest = &line[start..];
    rest[..rest.find([',', '}']).expect("an end")].trim_matches('"')
}

fn main() {
    let folder = env::args().nth(1).expect("a folder");
    let mut inputs: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
    for line in io::stdin().lock().lines() {
        let line = line.expect("a task");
        let name = value(&line, "input").to_string();
        let least: f64 = value(&line, "cpuMsMin").parse().expect("a number");
        let messages = inputs.entry(name.clone()).or_insert_with(|| read(&folder, &name));
        let (start, wall, mut octets, mut answers) = (clock(), Instant::now(), 0, 0);
        let (mut errors, mut cpu_ms);
        loop {
            errors = 0;
            for message in messages.iter() {
                octets += message.len();
                match full(message) {
                    Some(length) => answers += length.min(1),
                    None => errors += 1,
                }
            }
            cpu_ms = (clock() - start) as f64 / 1000.0;
            if cpu_ms >= least {
                break;
            }
        }
        let wall_ms = wall.elapsed().as_secs_f64() * 1000.0;
        println!(
            "{{\"octets\":{octets},\"cpuMs\":{cpu_ms},\"wallMs\":{wall_ms},\"errors\":{errors},\"answers\":{answers}}}"
        );
        io::stdout().flush().expect("an answer");
    }
}
