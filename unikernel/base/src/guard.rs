//! A guard before TCP. While many handshakes are under way it answers further ones without remembering them: what has to be known of a peer is in
//! the number that it is answered with, and who comes back with that number has shown that it is where it says. Only then TCP hears of it, as of a
//! handshake of its own. RFC 4987 3.6

use crate::entropy;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
#[allow(deprecated, reason = "the hash that is meant, and the standard library's own has no keys")]
use core::hash::{Hasher, SipHasher};

const ETHERNET: usize = 14;
const IPV4_OCTETS: usize = 20;
/// With the one option that says how large segments may be.
const TCP_OCTETS: usize = 24;
const FRAME_OCTETS: usize = ETHERNET + IPV4_OCTETS + TCP_OCTETS;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;
/// Sizes of segments that a number can tell apart: the largest that is not above the peer's is used.
const SIZES: [u16; 8] = [256, 536, 1024, 1220, 1300, 1360, 1440, 1460];
/// A number holds in the period in which it was given, and in the next.
const PERIOD_US: u64 = 64_000_000;
/// How long after the last of many handshakes the guard goes on.
const PRESSED_US: u64 = 10_000_000;
/// Peers that wait until TCP has room: each has shown that it is where it says.
const WAITING_MAX: usize = 256;
/// Of those, from one address.
const WAITING_PER_ADDRESS_MAX: usize = 8;
/// Who waits longer has given up.
const WAITING_US: u64 = 30_000_000;
/// TCP has so long to take a connection up.
const GRACE_US: u64 = 5_000_000;
/// What we take before the peer has to wait.
const WINDOW: u16 = 16_384;

/// Address and port of a peer.
type Peer = ([u8; 4], u16);

/// A peer that was answered by the guard: its numbers are others than those of TCP.
struct Bridge {
    number: u32,
    /// What is added to TCP's numbers on their way out; none until TCP has chosen one.
    offset: Option<u32>,
    /// What begins the handshake, until TCP has heard it, and what completes it, until TCP has answered.
    begins: Option<Vec<u8>>,
    held: Vec<u8>,
    since_us: u64,
}

/// What becomes of a frame from outside.
pub enum Verdict {
    Pass,
    Drop,
    /// This one is sent, and TCP hears of none.
    Answer(Vec<u8>),
}

/// What becomes of a frame of TCP.
pub enum Leaving {
    Send,
    Drop,
    /// It stays here, and TCP gets this one.
    Hear(Vec<u8>),
}

pub struct Guard {
    address: [u8; 4],
    port: u16,
    keys: (u64, u64),
    pressed_until_us: u64,
    /// Until then numbers that were given may come back.
    given_until_us: u64,
    /// Whether TCP can take another connection up.
    room: bool,
    bridges: BTreeMap<Peer, Bridge>,
    /// Those that wait for room, in their order.
    waiting: VecDeque<Peer>,
}

/// Where the parts of a TCP segment over IPv4 are in a frame.
struct Segment {
    tcp: usize,
    flags: u8,
}

fn word(frame: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([frame[at], frame[at + 1]])
}

fn long(frame: &[u8], at: usize) -> u32 {
    u32::from(word(frame, at)) << 16 | u32::from(word(frame, at + 2))
}

fn address(frame: &[u8], at: usize) -> [u8; 4] {
    [frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]
}

/// None for everything else, and for pieces of datagrams.
fn segment(frame: &[u8]) -> Option<Segment> {
    if frame.len() < ETHERNET + IPV4_OCTETS || word(frame, 12) != 0x0800 || frame[14] >> 4 != 4 {
        return None;
    }
    let tcp = ETHERNET + usize::from(frame[14] & 15) * 4;
    let end = ETHERNET + usize::from(word(frame, 16));
    let whole = tcp >= ETHERNET + IPV4_OCTETS && tcp + 20 <= end && end <= frame.len();
    (whole && frame[23] == 6 && word(frame, 20) & 0x3fff == 0).then(|| Segment { tcp, flags: frame[tcp + 13] & 0x17 })
}

/// The largest segment that a peer says it takes. RFC 9293 3.7.1
fn segment_size(frame: &[u8], tcp: usize) -> u16 {
    let end = (tcp + usize::from(frame[tcp + 12] >> 4) * 4).min(frame.len());
    let mut at = tcp + 20;
    while at + 1 < end {
        match (frame[at], usize::from(frame[at + 1])) {
            (0, _) => break,
            (1, _) => at += 1,
            (2, 4) if at + 4 <= end => return word(frame, at + 2),
            (_, length) if length >= 2 => at += length,
            _ => break,
        }
    }
    536
}

/// The sum of words that checksums are made of. RFC 1071
fn sum(octets: &[u8], start: u32) -> u32 {
    octets.chunks(2).fold(start, |sum, pair| sum + (u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))))
}

fn fold(mut sum: u32) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Writes another number into a segment, and what that does to its checksum. RFC 1624 3
fn replace(frame: &mut [u8], tcp: usize, at: usize, by: u32) {
    let old = long(frame, tcp + at);
    let check = u32::from(!word(frame, tcp + 16));
    let without = check + u32::from(!(old >> 16) as u16) + u32::from(!old as u16);
    let checksum = !fold(without + (by >> 16) + (by & 0xffff));
    frame[tcp + at..tcp + at + 4].copy_from_slice(&by.to_be_bytes());
    frame[tcp + 16..tcp + 18].copy_from_slice(&checksum.to_be_bytes());
}

/// What a segment without data says.
struct Words {
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    window: u16,
    size: u16,
}

/// A segment between the same ends as `like`, or back.
fn made(like: &[u8], tcp: usize, back: bool, words: &Words) -> Vec<u8> {
    let mut frame = alloc::vec![0; FRAME_OCTETS];
    let (to, from) = if back { (6, 0) } else { (0, 6) };
    frame[..6].copy_from_slice(&like[to..to + 6]);
    frame[6..12].copy_from_slice(&like[from..from + 6]);
    frame[12..14].copy_from_slice(&[8, 0]);
    let ip = &mut frame[ETHERNET..];
    ip[..12].copy_from_slice(&[0x45, 0, 0, (IPV4_OCTETS + TCP_OCTETS) as u8, 0, 0, 0x40, 0, 64, 6, 0, 0]);
    let (source, target) = if back { (30, 26) } else { (26, 30) };
    ip[12..16].copy_from_slice(&like[source..source + 4]);
    ip[16..20].copy_from_slice(&like[target..target + 4]);
    let checksum = !fold(sum(&ip[..IPV4_OCTETS], 0));
    ip[10..12].copy_from_slice(&checksum.to_be_bytes());
    let pseudo = sum(&ip[12..20], 6 + TCP_OCTETS as u32);
    let out = &mut ip[IPV4_OCTETS..];
    let (source, target) = if back { (tcp + 2, tcp) } else { (tcp, tcp + 2) };
    out[..2].copy_from_slice(&like[source..source + 2]);
    out[2..4].copy_from_slice(&like[target..target + 2]);
    out[4..8].copy_from_slice(&words.sequence.to_be_bytes());
    out[8..12].copy_from_slice(&words.acknowledged.to_be_bytes());
    out[12] = (TCP_OCTETS as u8 / 4) << 4;
    out[13] = words.flags;
    out[14..16].copy_from_slice(&words.window.to_be_bytes());
    out[20..22].copy_from_slice(&[2, 4]);
    out[22..24].copy_from_slice(&words.size.to_be_bytes());
    let checksum = !fold(sum(out, pseudo));
    out[16..18].copy_from_slice(&checksum.to_be_bytes());
    frame
}

impl Guard {
    pub fn new(address: [u8; 4]) -> Self {
        let keys = (entropy::word(), entropy::word());
        Self {
            address,
            port: 0,
            keys,
            pressed_until_us: 0,
            given_until_us: 0,
            room: false,
            bridges: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    pub fn listen(&mut self, port: u16) {
        self.port = port;
    }

    /// Many handshakes are under way now.
    pub fn press(&mut self, now_us: u64) {
        self.pressed_until_us = now_us + PRESSED_US;
    }

    pub fn set_room(&mut self, room: bool) {
        self.room = room;
    }

    /// Forgets peers that TCP has no connection with.
    pub fn forget(&mut self, now_us: u64, is_known: impl Fn(Peer) -> bool) {
        self.bridges.retain(|peer, bridge| {
            let grace = match (&bridge.begins, bridge.offset) {
                (Some(_), _) => WAITING_US,
                (None, None) => GRACE_US,
                (None, Some(_)) => 0,
            };
            now_us - bridge.since_us < grace || is_known(*peer)
        });
        let bridges = &self.bridges;
        self.waiting.retain(|peer| bridges.contains_key(peer));
    }

    pub fn has_bridges(&self) -> bool {
        !self.bridges.is_empty()
    }

    /// Makes a place among those that wait, where all are taken: the first of the address with the most loses its own. False where the peer's address has
    /// enough of them.
    fn make_place(&mut self, peer: Peer) -> bool {
        let mut counts = BTreeMap::<[u8; 4], usize>::new();
        for (address, _) in &self.waiting {
            *counts.entry(*address).or_default() += 1;
        }
        if counts.get(&peer.0).is_some_and(|count| *count >= WAITING_PER_ADDRESS_MAX) {
            return false;
        }
        if self.waiting.len() >= WAITING_MAX {
            let most = counts.iter().max_by_key(|(_, count)| **count).map(|(address, _)| *address);
            if let Some(gone) = self.waiting.iter().position(|(address, _)| Some(*address) == most).and_then(|at| self.waiting.remove(at)) {
                self.bridges.remove(&gone);
            }
        }
        true
    }

    /// Whether somebody waits and there is room.
    pub fn is_awaited(&self) -> bool {
        self.room && !self.waiting.is_empty()
    }

    /// The first step of the next that waits, where there is room for it.
    pub fn admitted(&mut self, now_us: u64) -> Option<Vec<u8>> {
        while self.room {
            let peer = self.waiting.pop_front()?;
            let Some(bridge) = self.bridges.get_mut(&peer) else { continue };
            let Some(begins) = bridge.begins.take() else { continue };
            bridge.since_us = now_us;
            // Until the next is looked at, that room may be taken.
            self.room = false;
            return Some(begins);
        }
        None
    }

    /// The number for a peer in a period: the period, the size of segments, and what nobody else can know of them.
    fn number(&self, peer: Peer, first: u32, period: u32, size: usize) -> u32 {
        #[allow(deprecated, reason = "see above")]
        let mut hash = SipHasher::new_with_keys(self.keys.0, self.keys.1);
        hash.write(&peer.0);
        hash.write_u16(peer.1);
        hash.write_u32(first);
        hash.write_u32(period & 31);
        hash.write_u8(size as u8);
        (period & 31) << 27 | (size as u32) << 24 | (hash.finish() as u32 & 0x00ff_ffff)
    }

    /// The size of segments of a peer that comes back with a number of ours.
    fn size_of(&self, peer: Peer, first: u32, number: u32, now_us: u64) -> Option<u16> {
        let period = number >> 27;
        let size = (number >> 24 & 7) as usize;
        let age = ((now_us / PERIOD_US) as u32).wrapping_sub(period) & 31;
        (age <= 1 && self.number(peer, first, period, size) == number).then(|| SIZES[size])
    }

    pub fn arriving(&mut self, frame: &mut [u8], now_us: u64) -> Verdict {
        let Some(Segment { tcp, flags }) = segment(frame) else { return Verdict::Pass };
        if address(frame, 30) != self.address || word(frame, tcp + 2) != self.port {
            return Verdict::Pass;
        }
        let peer = (address(frame, 26), word(frame, tcp));
        let (sequence, acknowledged) = (long(frame, tcp + 4), long(frame, tcp + 8));
        if let Some(bridge) = self.bridges.get(&peer) {
            let Some(offset) = bridge.offset else {
                // Who waits and leaves is forgotten.
                if flags & RST != 0 {
                    self.bridges.remove(&peer);
                    self.waiting.retain(|other| *other != peer);
                }
                return Verdict::Drop;
            };
            if flags & ACK != 0 {
                replace(frame, tcp, 8, acknowledged.wrapping_sub(offset));
            }
            return Verdict::Pass;
        }
        if flags & (SYN | RST | ACK) == SYN && now_us < self.pressed_until_us {
            self.given_until_us = now_us + 2 * PERIOD_US;
            let wanted = segment_size(frame, tcp);
            let size = SIZES.iter().rposition(|size| *size <= wanted).unwrap_or(0);
            let number = self.number(peer, sequence, (now_us / PERIOD_US) as u32, size);
            let acknowledged = sequence.wrapping_add(1);
            let words = Words { sequence: number, acknowledged, flags: SYN | ACK, window: WINDOW, size: SIZES[SIZES.len() - 1] };
            return Verdict::Answer(made(frame, tcp, true, &words));
        }
        if flags & (SYN | RST | ACK) == ACK && now_us < self.given_until_us {
            let (first, number) = (sequence.wrapping_sub(1), acknowledged.wrapping_sub(1));
            let Some(size) = self.size_of(peer, first, number, now_us) else { return Verdict::Pass };
            if !self.make_place(peer) {
                return Verdict::Drop;
            }
            let words = Words { sequence: first, acknowledged: 0, flags: SYN, window: word(frame, tcp + 14), size };
            let begins = Some(made(frame, tcp, false, &words));
            self.bridges.insert(peer, Bridge { number, offset: None, begins, held: frame.to_vec(), since_us: now_us });
            self.waiting.push_back(peer);
            return Verdict::Drop;
        }
        Verdict::Pass
    }

    pub fn leaving(&mut self, frame: &mut [u8]) -> Leaving {
        if self.bridges.is_empty() {
            return Leaving::Send;
        }
        let Some(Segment { tcp, flags }) = segment(frame) else { return Leaving::Send };
        if word(frame, tcp) != self.port {
            return Leaving::Send;
        }
        let peer = (address(frame, 30), word(frame, tcp + 2));
        let Some(bridge) = self.bridges.get_mut(&peer) else { return Leaving::Send };
        let sequence = long(frame, tcp + 4);
        if flags & SYN != 0 {
            let offset = bridge.number.wrapping_sub(sequence);
            bridge.offset = Some(offset);
            let mut held = core::mem::take(&mut bridge.held);
            let Some(Segment { tcp, .. }) = segment(&held) else { return Leaving::Drop };
            let acknowledged = long(&held, tcp + 8).wrapping_sub(offset);
            replace(&mut held, tcp, 8, acknowledged);
            return Leaving::Hear(held);
        }
        match bridge.offset {
            Some(offset) => {
                replace(frame, tcp, 4, sequence.wrapping_add(offset));
                Leaving::Send
            }
            // TCP did not take it up.
            None => {
                self.bridges.remove(&peer);
                Leaving::Drop
            }
        }
    }
}
