use crate::Answer;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::{AuthenticatedMessage, DkimResult, DnsError, MessageAuthenticator, Parameters, ResolverCache, Txt};
use serde_json::{Value, json};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::{sync::Arc, time::Instant};

pub fn ops() -> Value {
    json!({"dkim.verify": ["result", "signatures"], "arc.verify": ["result"]})
}

/// Keys that were parsed before. A name that is not here does not exist.
struct Zone(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Zone {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let missing = mail_auth::Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain));
        Some(self.0.get(name).cloned().unwrap_or(Txt::Error(missing)))
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

fn zone_of(params: &Value) -> Zone {
    let names = params["zone"].as_object().into_iter().flatten();
    Zone(
        names
            .filter_map(|(name, known)| {
                let txt = match known["TXT"][0].as_str() {
                    Some(record) => match DomainKey::parse(record.as_bytes()) {
                        Ok(key) => Txt::DomainKey(Arc::new(key)),
                        Err(error) => Txt::Error(error),
                    },
                    None => Txt::Error(mail_auth::Error::Dns(DnsError::Resolver("TIMEOUT".to_string()))),
                };
                Some((format!("{}.", name.to_lowercase()).into_boxed_str(), txt))
            })
            .collect(),
    )
}

fn word(result: &DkimResult) -> &'static str {
    match result {
        DkimResult::None => "none",
        DkimResult::Pass => "pass",
        DkimResult::Fail(_) => "fail",
        DkimResult::Neutral(_) => "neutral",
        DkimResult::PermError(_) => "permerror",
        DkimResult::TempError(_) => "temperror",
    }
}

pub fn run(op: &str, octets: &[u8], params: &Value) -> Answer {
    let authenticator = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).expect("a resolver");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let zone = zone_of(params);
    let message = AuthenticatedMessage::parse(octets).ok_or("no message")?;
    let verify = || Parameters::new(&message).with_txt_cache(&zone);
    if op == "arc.verify" {
        let output = runtime.block_on(authenticator.verify_arc(verify()));
        let result = match output.result() {
            DkimResult::None => "none",
            DkimResult::Pass => "pass",
            _ => "fail",
        };
        return Ok(json!({"result": result}));
    }
    let results = runtime.block_on(authenticator.verify_dkim(verify()));
    let words: Vec<&str> = results.iter().map(|output| word(output.result())).collect();
    let result = if words.contains(&"pass") { "pass" } else { words.first().copied().unwrap_or("none") };
    let signatures: Vec<Value> = words.iter().map(|word| json!({"result": word})).collect();
    Ok(json!({"result": result, "signatures": signatures}))
}
