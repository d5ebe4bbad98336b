//! Verifies messages with Stalwart's mail-auth: the folder of the inputs is its argument, one task a line its input, its answer a line of JSON.
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::io::{BufRead, Write};
use std::{env, fs, io, path::Path, sync::Arc, time::Instant};

unsafe extern "C" {
    /// Processor time of this process in microseconds, by POSIX.
    safe fn clock() -> std::ffi::c_long;
}

/// Keys that were parsed before: nothing is asked for.
struct Zone(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Zone {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.get(name).cloned()
    }
    fn remove<Q>(&self, _name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }
    fn insert(&self, _key: Box<str>, _value: Txt, _valid_until: Instant) {}
}

fn read_zone(folder: &str) -> Zone {
    let text = fs::read_to_string(Path::new(folder).join("zone.txt")).expect("a zone");
    Zone(
        text.lines()
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(name, record)| {
                let key = DomainKey::parse(record.as_bytes()).ok()?;
                Some((format!("{name}.").into_boxed_str(), Txt::DomainKey(Arc::new(key))))
            })
            .collect(),
    )
}

fn read(folder: &str, name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(Path::new(folder).join(name))
        .expect("the folder of an input")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a message")).collect()
}

async fn verify(authenticator: &MessageAuthenticator, zone: &Zone, bytes: &[u8]) -> &'static str {
    let Some(message) = AuthenticatedMessage::parse(bytes) else { return "none" };
    let results = authenticator.verify_dkim(Parameters::new(&message).with_txt_cache(zone)).await;
    match results.first().map(|output| output.result()) {
        None | Some(DkimResult::None) => "none",
        Some(DkimResult::Pass) => "pass",
        Some(DkimResult::Fail(_)) => "fail",
        Some(DkimResult::Neutral(_)) => "neutral",
        Some(DkimResult::PermError(_)) => "permerror",
        Some(DkimResult::TempError(_)) => "temperror",
    }
}

/// The value of a field of one line of JSON that we write ourselves.
fn value<'a>(line: &'a str, key: &str) -> &'a str {
    let start = line.find(&format!("\"{key}\":")).expect("a field") + key.len() + 3;
    let rest = &line[start..];
    rest[..rest.find([',', '}']).expect("an end")].trim_matches('"')
}

fn main() {
    let folder = env::args().nth(1).expect("a folder");
    let zone = read_zone(&folder);
    let authenticator = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).expect("a resolver");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut inputs: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
    for line in io::stdin().lock().lines() {
        let line = line.expect("a task");
        let name = value(&line, "input").to_string();
        let least: f64 = value(&line, "cpuMsMin").parse().expect("a number");
        let messages = inputs.entry(name.clone()).or_insert_with(|| read(&folder, &name));
        let (start, mut done, mut words) = (clock(), 0, Vec::new());
        let cpu_ms = loop {
            words.clear();
            runtime.block_on(async {
                for message in messages.iter() {
                    words.push(verify(&authenticator, &zone, message).await);
                }
            });
            done += messages.len();
            let cpu_ms = (clock() - start) as f64 / 1000.0;
            if cpu_ms >= least {
                break cpu_ms;
            }
        };
        let list: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
        println!("{{\"messages\":{done},\"cpuMs\":{cpu_ms},\"words\":[{}]}}", list.join(","));
        io::stdout().flush().expect("an answer");
    }
}
