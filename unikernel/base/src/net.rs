//! TCP connections by number, for the role. Everything that may be held at once has a bound.

use crate::frames::{Card, Frames};
use crate::guard::Guard;
use crate::tls::{Phase, Tls};
use crate::{entropy, time};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet};
use smoltcp::socket::Socket as AnySocket;
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpAddress, IpCidr, IpEndpoint, Ipv4Address};

#[cfg(feature = "verify")]
mod datagrams;

/// Octets that wait in each direction of a connection.
const WINDOW_OCTETS: usize = 16_384;
/// Sockets that wait for a first segment, so that several may come at once.
const LISTENING: usize = 8;
/// Handshakes under way, and connections that nobody has taken yet: who comes beyond is refused.
const HANDSHAKES_MAX: usize = 32;
/// Handshakes under way at which the guard begins.
const PRESSED_HANDSHAKES: usize = 8;
/// Frames that are taken in before the role has its turn.
const FRAMES_MAX: usize = 256;
/// Connections at once, those out included.
const CONNECTIONS_MAX: usize = 128;
/// How long a handshake may take.
const HANDSHAKE_MS_MAX: u64 = 10_000;
/// How long a peer may leave octets unanswered.
const SILENT_MS_MAX: u64 = 60_000;
/// Connections that the role has let go and that have not ended.
const LINGERING_MAX: usize = 16;
/// How long a connection that the role has let go may take to end.
const LINGER_US_MAX: u64 = 30_000_000;

/// What the role can know of a connection, as bits.
pub mod status {
    pub const CONNECTING: i32 = 1;
    pub const READABLE: i32 = 2;
    pub const WRITABLE: i32 = 4;
    /// Nothing more will come.
    pub const ENDED: i32 = 8;
    /// Nothing can be sent any more.
    pub const CLOSED: i32 = 16;
    /// TLS is being agreed on.
    pub const SECURING: i32 = 32;
}

struct Held {
    handle: SocketHandle,
    /// When the role let go of it, in microseconds.
    released: Option<u64>,
    /// Whether somebody made it, and not we.
    inbound: bool,
    /// Whether anything was read or written.
    used: bool,
    tls: Option<Box<Tls>>,
}

pub struct Net {
    frames: Frames,
    interface: Interface,
    sockets: SocketSet<'static>,
    held: Vec<Option<Held>>,
    listening: Vec<SocketHandle>,
    port: u16,
    accepted_max: usize,
    next_port: u16,
    #[cfg(feature = "verify")]
    datagrams: Vec<Option<datagrams::Peer>>,
}

fn now() -> Instant {
    Instant::from_micros(time::monotonic_us() as i64)
}

fn socket() -> Socket<'static> {
    let buffer = || SocketBuffer::new(vec![0; WINDOW_OCTETS]);
    let mut socket = Socket::new(buffer(), buffer());
    socket.set_nagle_enabled(false);
    socket.set_ack_delay(None);
    socket.set_timeout(Some(Duration::from_millis(HANDSHAKE_MS_MAX)));
    socket
}

/// Whom a socket has a connection with.
fn peer_of(socket: &AnySocket<'static>) -> Option<([u8; 4], u16)> {
    // With one kind of socket there is nothing else.
    #[cfg_attr(not(feature = "verify"), allow(irrefutable_let_patterns))]
    let AnySocket::Tcp(socket) = socket else { return None };
    let IpEndpoint { addr: IpAddress::Ipv4(address), port } = socket.remote_endpoint()?;
    Some((address.octets(), port))
}

impl Net {
    /// An interface with one IPv4 address and a way to the rest.
    pub fn new(card: Card, address: Ipv4Address, prefix: u8, gateway: Ipv4Address) -> Self {
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(card.mac_address())));
        config.random_seed = entropy::word();
        let mut frames = Frames::new(card, Guard::new(address.octets()));
        let mut interface = Interface::new(config, &mut frames, now());
        interface.update_ip_addrs(|all| {
            let _ = all.push(IpCidr::new(IpAddress::Ipv4(address), prefix));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(gateway);
        // Ports out begin where nobody can foresee it. RFC 6056 3.3
        let next_port = 49_152 + (entropy::word() % 16_384) as u16;
        Self {
            frames,
            interface,
            sockets: SocketSet::new(vec![]),
            held: vec![],
            listening: vec![],
            port: 0,
            accepted_max: 0,
            next_port,
            #[cfg(feature = "verify")]
            datagrams: vec![],
        }
    }

    /// Moves frames; true where a connection changed.
    pub fn poll(&mut self) -> bool {
        let _ = self.frames.card.ack_interrupt();
        let mut changed = false;
        for _ in 0..FRAMES_MAX {
            match self.interface.poll_ingress_single(now(), &mut self.frames, &mut self.sockets) {
                PollIngressSingleResult::None => break,
                PollIngressSingleResult::PacketProcessed => {}
                PollIngressSingleResult::SocketStateChanged => {
                    // A segment may have taken a socket that listened: the next needs another.
                    self.refill();
                    changed = true;
                }
            }
        }
        changed |= self.pump();
        changed |= self.interface.poll_egress(now(), &mut self.frames, &mut self.sockets) == PollResult::SocketStateChanged;
        self.sweep();
        changed | self.frames.take_more()
    }

    /// Moves what is between TLS and the sockets; true where a connection changed.
    fn pump(&mut self) -> bool {
        let mut changed = false;
        for held in self.held.iter_mut().flatten() {
            let Some(tls) = &mut held.tls else { continue };
            let socket = self.sockets.get_mut::<Socket>(held.handle);
            if held.released.is_none() {
                changed |= tls.pump(socket);
            } else if tls.finish(socket) || !socket.may_send() {
                socket.close();
                held.tls = None;
            }
        }
        changed
    }

    /// Microseconds until TCP has to do something by itself.
    pub fn idle_us(&mut self) -> Option<u64> {
        self.interface.poll_delay(now(), &self.sockets).map(|delay| delay.total_micros())
    }

    pub fn listen(&mut self, port: u16, accepted_max: usize) {
        self.port = port;
        self.frames.guard.listen(port);
        self.accepted_max = accepted_max.min(CONNECTIONS_MAX);
        self.refill();
    }

    /// Connections that the role has.
    fn count(&self) -> usize {
        self.held.iter().flatten().filter(|held| held.released.is_none()).count()
    }

    /// Sockets that listen are opened as far as there is room for those who come. The guard hears how things stand.
    fn refill(&mut self) {
        let inbound = self.held.iter().flatten().filter(|held| held.inbound && held.released.is_none()).count();
        let sockets = &self.sockets;
        let count = |state: State| self.listening.iter().filter(|handle| sockets.get::<Socket>(**handle).state() == state).count();
        let (mut idle, half_open) = (count(State::Listen), count(State::SynReceived));
        if half_open >= PRESSED_HANDSHAKES {
            self.frames.guard.press(time::monotonic_us());
        }
        // A handshake that nobody ends takes no place from those who come.
        let mut taken = inbound + self.listening.len() - half_open;
        while self.port != 0 && idle < LISTENING && taken < self.accepted_max && self.listening.len() < LISTENING + HANDSHAKES_MAX {
            let mut socket = socket();
            if socket.listen(self.port).is_err() {
                return;
            }
            self.listening.push(self.sockets.add(socket));
            idle += 1;
            taken += 1;
        }
        self.frames.guard.set_room(idle > 0);
    }

    /// Takes away what has ended, and what takes too long to; of those that the role let go and whose peers do not, the first.
    fn sweep(&mut self) {
        let mut lingering: Vec<u64> = self.held.iter().flatten().filter_map(|held| held.released).collect();
        if lingering.len() > LINGERING_MAX {
            lingering.sort_unstable();
            let last = lingering[lingering.len() - LINGERING_MAX - 1];
            for held in self.held.iter().flatten().filter(|held| held.released.is_some_and(|since| since <= last)) {
                self.sockets.get_mut::<Socket>(held.handle).abort();
            }
        }
        for slot in &mut self.held {
            let Some(Held { handle, released: Some(since), .. }) = slot else { continue };
            let socket = self.sockets.get_mut::<Socket>(*handle);
            let lingered_us = time::monotonic_us() - *since;
            if lingered_us > LINGER_US_MAX {
                socket.abort();
            }
            let ended = match socket.state() {
                // Until the peer has been told, its end is known; whether that could be said or not, it is over then.
                State::Closed => socket.remote_endpoint().is_none() || lingered_us > 2 * LINGER_US_MAX,
                State::TimeWait => socket.send_queue() == 0,
                _ => false,
            };
            if ended {
                self.sockets.remove(*handle);
                *slot = None;
            }
        }
        // A handshake that failed has closed its socket: another takes its place.
        let sockets = &mut self.sockets;
        self.listening.retain(|handle| {
            let closed = sockets.get::<Socket>(*handle).state() == State::Closed;
            if closed {
                sockets.remove(*handle);
            }
            !closed
        });
        if self.frames.guard.has_bridges() {
            let sockets = &self.sockets;
            let peers: Vec<_> = sockets.iter().filter_map(|(_, each)| peer_of(each)).collect();
            self.frames.guard.forget(time::monotonic_us(), |peer| peers.contains(&peer));
        }
        self.refill();
    }

    fn hold(&mut self, handle: SocketHandle, inbound: bool) -> i32 {
        self.sockets.get_mut::<Socket>(handle).set_timeout(Some(Duration::from_millis(SILENT_MS_MAX)));
        let held = Some(Held { handle, released: None, inbound, used: false, tls: None });
        let free = self.held.iter().position(Option::is_none);
        let index = free.unwrap_or(self.held.len());
        if free.is_some() {
            self.held[index] = held
        } else {
            self.held.push(held)
        }
        index as i32
    }

    /// The next connection that somebody made, or -1.
    pub fn accept(&mut self) -> i32 {
        let sockets = &self.sockets;
        let ready = |handle: &SocketHandle| matches!(sockets.get::<Socket>(*handle).state(), State::Established | State::CloseWait);
        let Some(at) = self.listening.iter().position(ready) else { return -1 };
        let handle = self.listening.swap_remove(at);
        let id = self.hold(handle, true);
        self.refill();
        id
    }

    /// Begins a connection; -1 where there is no room or no way.
    pub fn connect(&mut self, address: Ipv4Address, port: u16) -> i32 {
        if self.count() >= CONNECTIONS_MAX {
            return -1;
        }
        self.next_port = if self.next_port == u16::MAX { 49_152 } else { self.next_port + 1 };
        let mut socket = socket();
        if socket.connect(self.interface.context(), (address, port), self.next_port).is_err() {
            return -1;
        }
        let handle = self.sockets.add(socket);
        self.hold(handle, false)
    }

    /// What the role has not let go.
    fn parts(&mut self, id: i32) -> Option<(&mut Socket<'static>, Option<&mut Tls>)> {
        let held = self.held.get_mut(usize::try_from(id).ok()?)?.as_mut()?;
        (held.released.is_none()).then(|| (self.sockets.get_mut::<Socket>(held.handle), held.tls.as_deref_mut()))
    }

    fn use_now(&mut self, id: i32) {
        if let Some(Some(held)) = usize::try_from(id).ok().and_then(|at| self.held.get_mut(at)) {
            held.used = true;
        }
    }

    pub fn status(&mut self, id: i32) -> i32 {
        let Some((socket, tls)) = self.parts(id) else { return status::ENDED | status::CLOSED };
        let connecting = socket.state() == State::SynSent;
        let bit = |is: bool, bit: i32| if is { bit } else { 0 };
        let sending = bit(connecting, status::CONNECTING) | bit(!connecting && !socket.may_send(), status::CLOSED);
        let Some(tls) = tls else {
            return sending
                | bit(socket.can_recv(), status::READABLE)
                | bit(socket.can_send(), status::WRITABLE)
                | bit(!connecting && !socket.may_recv(), status::ENDED);
        };
        let phase = tls.phase();
        sending
            | bit(phase == Phase::Handshake, status::SECURING)
            | bit(tls.readable(), status::READABLE)
            | bit(matches!(phase, Phase::Open | Phase::Ended) && socket.can_send(), status::WRITABLE)
            | bit(matches!(phase, Phase::Ended | Phase::Failed) && !tls.readable(), status::ENDED)
            | bit(phase == Phase::Failed, status::CLOSED)
    }

    /// What has come, given to `with`; none where nothing waits.
    pub fn read<R>(&mut self, id: i32, with: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.use_now(id);
        match self.parts(id)? {
            (_, Some(tls)) => tls.readable().then(|| with(&tls.take())),
            (socket, None) if socket.can_recv() => socket.recv(|octets| (octets.len(), with(octets))).ok(),
            _ => None,
        }
    }

    /// How many of the octets were taken.
    pub fn write(&mut self, id: i32, octets: &[u8]) -> usize {
        self.use_now(id);
        match self.parts(id) {
            Some((socket, Some(tls))) => tls.write(socket, octets),
            Some((socket, None)) => socket.send_slice(octets).unwrap_or(0),
            None => 0,
        }
    }

    #[cfg(feature = "tls")]
    /// Begins TLS. False where it is there already, and where octets came behind what was said in the clear, which would be taken for ones that it
    /// protects. What comes first of all may be the handshake.
    pub fn secure(&mut self, id: i32, tls: Tls) -> bool {
        let waits = matches!(self.parts(id), Some((socket, None)) if socket.can_recv());
        match self.held.get_mut(id as usize) {
            Some(Some(held)) if held.released.is_none() && held.tls.is_none() && !(waits && held.used) => {
                held.tls = Some(Box::new(tls));
                true
            }
            _ => false,
        }
    }

    /// What became of TLS; none while it is being agreed on.
    pub fn tls_report(&mut self, id: i32) -> Option<String> {
        self.parts(id)?.1?.report()
    }

    /// The role lets go: gracefully when all is sent, or the peer is told that the connection is gone.
    pub fn release(&mut self, id: i32, drop: bool) {
        let Some((socket, tls)) = self.parts(id) else { return };
        match tls {
            _ if drop => socket.abort(),
            Some(tls) => tls.say_bye(),
            None => socket.close(),
        }
        if let Some(Some(held)) = self.held.get_mut(id as usize) {
            held.released = Some(time::monotonic_us());
        }
    }

    /// Address and port of the two ends: theirs, ours.
    pub fn ends(&mut self, id: i32) -> Option<[(Ipv4Address, u16); 2]> {
        let (socket, _) = self.parts(id)?;
        let end = |end: Option<IpEndpoint>| end.map(|IpEndpoint { addr: IpAddress::Ipv4(address), port }| (address, port));
        Some([end(socket.remote_endpoint())?, end(socket.local_endpoint())?])
    }
}
