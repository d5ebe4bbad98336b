//! TLS on one connection: octets between its socket and the role, through rustls, which neither reads nor writes by itself.

use crate::tls_config::{Identity, verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU8, Ordering};
use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, UnbufferedStatus};
use smoltcp::socket::tcp::Socket;

/// Octets of records that wait to be read: one record, or a handshake message that takes several. RFC 8446 5.2
const INCOMING_OCTETS_MAX: usize = 65_536;
/// Octets that were decrypted and wait for the role; beyond these nothing more is taken from the peer.
const PLAIN_OCTETS_MAX: usize = 16_384;
/// Records that wait for room in the socket; beyond these nothing more is taken from the role.
const OUTGOING_OCTETS_MAX: usize = 32_768;
/// RFC 8446 5.1
const RECORD_OCTETS_MAX: usize = 16_384;
/// What a record is longer than what it carries, at most. RFC 8446 5.2
const RECORD_OVERHEAD_OCTETS_MAX: usize = 261;
/// Steps of rustls between two looks at the socket: each takes or gives at least one record.
const STEPS_MAX: usize = 1_000;

#[derive(Clone, Copy, PartialEq)]
pub enum Phase {
    Handshake,
    Open,
    /// The peer sends nothing more.
    Ended,
    Failed,
}

enum Side {
    Server(UnbufferedServerConnection),
    Client(UnbufferedClientConnection),
}

pub struct Tls {
    side: Side,
    incoming: Vec<u8>,
    flow: Flow,
    verdict: Arc<AtomicU8>,
}

/// What rustls gives, apart from its connection.
struct Flow {
    plain: Vec<u8>,
    outgoing: Vec<u8>,
    phase: Phase,
    failure: String,
    /// Whether our last record is wanted, and not yet made.
    bye: bool,
}

impl Tls {
    /// None where this machine has no certificate.
    pub fn server(identity: &Identity) -> Option<Self> {
        let verdict = Arc::new(AtomicU8::new(verdict::UNVERIFIED));
        Some(Self::new(Side::Server(identity.server()?), verdict))
    }

    /// None where the name is none.
    pub fn client(identity: &Identity, name: &str, required: bool) -> Option<Self> {
        let (connection, verdict) = identity.client(name, required)?;
        Some(Self::new(Side::Client(connection), verdict))
    }

    fn new(side: Side, verdict: Arc<AtomicU8>) -> Self {
        let flow = Flow { plain: Vec::new(), outgoing: Vec::new(), phase: Phase::Handshake, failure: String::new(), bye: false };
        Self { side, incoming: Vec::new(), flow, verdict }
    }

    pub fn phase(&self) -> Phase {
        self.flow.phase
    }

    pub fn readable(&self) -> bool {
        !self.flow.plain.is_empty()
    }

    /// What was decrypted.
    pub fn take(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.flow.plain)
    }

    /// `ok PROTOCOL CIPHER VERDICT`, `failed VERDICT WHY`, or nothing yet.
    pub fn report(&self) -> Option<String> {
        let verdict = self.verdict.load(Ordering::Relaxed);
        match self.flow.phase {
            Phase::Handshake => None,
            Phase::Failed => Some(format!("failed {verdict} {}", self.flow.failure)),
            Phase::Open | Phase::Ended => {
                let common: &rustls::CommonState = match &self.side {
                    Side::Server(connection) => connection,
                    Side::Client(connection) => connection,
                };
                let protocol = if common.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3) { "TLSv1.3" } else { "TLSv1.2" };
                let cipher = common.negotiated_cipher_suite().map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
                // IANA's names have no version.
                Some(format!("ok {protocol} {} {verdict}", cipher.replace("TLS13_", "TLS_")))
            }
        }
    }

    /// Moves octets both ways as far as there are any; true where something changed for the role.
    pub fn pump(&mut self, socket: &mut Socket) -> bool {
        let (phase, readable, waiting) = (self.flow.phase, self.flow.plain.len(), self.flow.outgoing.len());
        loop {
            let taken = self.receive(socket);
            self.step(&mut &[][..]);
            let sent = self.send(socket);
            if taken + sent == 0 {
                break;
            }
        }
        if !socket.may_recv() {
            self.cut();
        }
        phase != self.flow.phase || readable != self.flow.plain.len() || waiting != self.flow.outgoing.len()
    }

    /// How many of the octets were taken. None during the handshake.
    pub fn write(&mut self, socket: &mut Socket, octets: &[u8]) -> usize {
        let mut rest = octets;
        while !rest.is_empty() && matches!(self.flow.phase, Phase::Open | Phase::Ended) && self.flow.outgoing.len() < OUTGOING_OCTETS_MAX {
            let (mut piece, behind) = rest.split_at(rest.len().min(RECORD_OCTETS_MAX));
            self.step(&mut piece);
            if !piece.is_empty() {
                break;
            }
            rest = behind;
            self.send(socket);
        }
        octets.len() - rest.len()
    }

    /// Says that nothing more will come. True when all has left.
    pub fn finish(&mut self, socket: &mut Socket) -> bool {
        self.step(&mut &[][..]);
        self.send(socket);
        self.flow.outgoing.is_empty()
    }

    pub fn say_bye(&mut self) {
        self.flow.bye = self.flow.phase != Phase::Failed;
    }

    fn receive(&mut self, socket: &mut Socket) -> usize {
        if self.flow.plain.len() >= PLAIN_OCTETS_MAX || self.flow.phase == Phase::Failed {
            return 0;
        }
        let room = INCOMING_OCTETS_MAX - self.incoming.len();
        let taken = socket.recv(|octets| {
            let taken = &octets[..octets.len().min(room)];
            self.incoming.extend_from_slice(taken);
            (taken.len(), taken.len())
        });
        taken.unwrap_or(0)
    }

    fn send(&mut self, socket: &mut Socket) -> usize {
        let sent = socket.send_slice(&self.flow.outgoing).unwrap_or(0);
        self.flow.outgoing.drain(..sent);
        sent
    }

    /// Lets rustls go on with what is there. `unsent` is empty behind it where it was taken.
    fn step(&mut self, unsent: &mut &[u8]) {
        for _ in 0..STEPS_MAX {
            let (discard, more) = match &mut self.side {
                Side::Server(connection) => self.flow.settle(connection.process_tls_records(&mut self.incoming), unsent),
                Side::Client(connection) => self.flow.settle(connection.process_tls_records(&mut self.incoming), unsent),
            };
            self.incoming.drain(..discard);
            if !more {
                break;
            }
        }
        if self.incoming.len() == INCOMING_OCTETS_MAX {
            self.flow.fail("a handshake message without end".into());
        }
    }

    /// The peer's half of the connection is over.
    fn cut(&mut self) {
        match self.flow.phase {
            Phase::Handshake => self.flow.fail("the peer left".into()),
            Phase::Open => self.flow.phase = Phase::Ended,
            Phase::Ended | Phase::Failed => {}
        }
    }
}

impl Flow {
    fn fail(&mut self, why: String) {
        if self.phase != Phase::Failed {
            self.phase = Phase::Failed;
            self.failure = why;
        }
    }

    /// Does what one state asks for: octets of `incoming` that are done with, and whether to go on at once.
    fn settle<Data>(&mut self, status: UnbufferedStatus<'_, '_, Data>, unsent: &mut &[u8]) -> (usize, bool) {
        let mut discard = status.discard;
        let more = match status.state {
            Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                while let Some(record) = traffic.next_record() {
                    match record {
                        Ok(record) => {
                            discard += record.discard;
                            self.plain.extend_from_slice(record.payload);
                        }
                        Err(error) => self.fail(error.to_string()),
                    }
                }
                self.phase != Phase::Failed
            }
            Ok(ConnectionState::EncodeTlsData(mut data)) => self.put(0, |room| match data.encode(room) {
                Ok(octets) => Ok(octets),
                Err(EncodeError::InsufficientSize(needed)) => Err(needed.required_size),
                Err(EncodeError::AlreadyEncoded) => Ok(0),
            }),
            Ok(ConnectionState::TransmitTlsData(data)) => {
                data.done();
                true
            }
            Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                if self.phase == Phase::Handshake {
                    self.phase = Phase::Open;
                }
                let needs = |result: Result<usize, EncryptError>| match result {
                    Ok(octets) => Ok(octets),
                    Err(EncryptError::InsufficientSize(needed)) => Err(needed.required_size),
                    Err(EncryptError::EncryptExhausted) => Ok(0),
                };
                let piece = core::mem::take(unsent);
                if !piece.is_empty() {
                    self.put(piece.len() + RECORD_OVERHEAD_OCTETS_MAX, |room| needs(traffic.encrypt(piece, room)));
                }
                if core::mem::take(&mut self.bye) {
                    self.put(RECORD_OVERHEAD_OCTETS_MAX, |room| needs(traffic.queue_close_notify(room)));
                }
                false
            }
            Ok(ConnectionState::PeerClosed) => {
                self.phase = Phase::Ended;
                true
            }
            Ok(ConnectionState::BlockedHandshake | ConnectionState::Closed) => false,
            Ok(_) => {
                self.fail("early data".into());
                false
            }
            // Once more: the alert that tells the peer why is behind the error.
            Err(error) => {
                let first = self.phase != Phase::Failed;
                self.fail(error.to_string());
                first
            }
        };
        (discard, more)
    }

    /// Appends what `make` writes into the room that it asks for.
    fn put(&mut self, guess: usize, mut make: impl FnMut(&mut [u8]) -> Result<usize, usize>) -> bool {
        let end = self.outgoing.len();
        let mut room = guess;
        // It says how much it needs, once.
        for _ in 0..2 {
            self.outgoing.resize(end + room, 0);
            match make(&mut self.outgoing[end..]) {
                Ok(octets) => {
                    self.outgoing.truncate(end + octets);
                    return true;
                }
                Err(needed) => room = needed,
            }
        }
        self.outgoing.truncate(end);
        self.fail("a record that does not fit".into());
        false
    }
}
