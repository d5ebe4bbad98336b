//! The engine that runs the role: its context without `eval`, and the words that the role has for the world.

use crate::cpu::halt;
use crate::frames::Card;
use crate::memory::HEAP;
use crate::net::Net;
use crate::octets::{self, Hashing, part};
#[cfg(feature = "verify")]
use crate::verify;
use crate::{boot_file, entropy, say, time};
#[cfg(feature = "tls")]
use crate::{tls::Tls, tls_config::Identity};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::ptr::null_mut;
use core::slice::from_raw_parts;
use js::{JSContext, JSRuntime, JSValue};
use rquickjs_sys as js;
use sha2::{Digest, Sha256, Sha512};
use smoltcp::wire::Ipv4Address;

/// Of the 384 KiB of stack, what scripts may use; the rest is for what they call.
const STACK_OCTETS_MAX: usize = 256 << 10;
/// Octets of chance in one call.
const RANDOM_OCTETS_MAX: usize = 65_536;
static ROLE: &[u8] = include_bytes!(env!("SCOP_ROLE_FILE"));

/// What belongs to the running role. There is one, reached from the words below through `world`.
struct World {
    command_line: String,
    memory_octets: usize,
    card: Option<Card>,
    net: Option<Net>,
    #[cfg(feature = "tls")]
    identity: Identity,
    #[cfg(feature = "sign")]
    signer: Option<crate::sign::Signer>,
    poll: JSValue,
}
struct Cell(UnsafeCell<Option<World>>);
// SAFETY: one processor.
unsafe impl Sync for Cell {}
static WORLD: Cell = Cell(UnsafeCell::new(None));

fn world() -> &'static mut World {
    // SAFETY: one processor; no word calls another while it holds this.
    unsafe { (*WORLD.0.get()).as_mut() }.unwrap_or_else(|| panic!("no world"))
}

/// Arguments of one call of a word.
struct Call {
    context: *mut JSContext,
    given: &'static [JSValue],
}

impl Call {
    fn int(&self, at: usize) -> i64 {
        let mut value = 0;
        if let Some(given) = self.given.get(at) {
            // SAFETY: a live value of this context.
            unsafe { js::JS_ToInt64(self.context, &mut value, *given) };
        }
        value
    }

    /// The octets of a `Uint8Array`; none of anything else.
    fn octets(&self, at: usize) -> &'static [u8] {
        let mut size = 0;
        let Some(given) = self.given.get(at) else { return &[] };
        // SAFETY: the array lives as long as the call, and its memory does not move meanwhile.
        unsafe {
            let start = js::JS_GetUint8Array(self.context, &mut size, *given);
            if start.is_null() { &[] } else { from_raw_parts(start, size as usize) }
        }
    }

    /// Writes into a `Uint8Array` of the same length.
    fn overwrite(&self, at: usize, by: &[u8]) {
        let mut size = 0;
        let Some(given) = self.given.get(at) else { return };
        // SAFETY: the array lives as long as the call, and nobody else looks at its memory meanwhile.
        unsafe {
            let start = js::JS_GetUint8Array(self.context, &mut size, *given);
            if !start.is_null() && size as usize == by.len() {
                start.copy_from_nonoverlapping(by.as_ptr(), by.len());
            }
        }
    }

    fn boolean(&self, value: bool) -> JSValue {
        if value { js::JS_TRUE } else { js::JS_FALSE }
    }

    fn text<R>(&self, at: usize, with: impl FnOnce(&str) -> R) -> R {
        let Some(given) = self.given.get(at) else { return with("") };
        let mut size = 0;
        // SAFETY: the text is freed after its use.
        unsafe {
            let start = js::JS_ToCStringLen2(self.context, &mut size, *given, false);
            if start.is_null() {
                return with("");
            }
            // Halves of surrogate pairs are no UTF-8: what they stand in is not taken.
            let result = with(core::str::from_utf8(from_raw_parts(start.cast(), size as usize)).unwrap_or(""));
            js::JS_FreeCString(self.context, start);
            result
        }
    }

    fn number(&self, value: f64) -> JSValue {
        js::JS_NewFloat64(value)
    }

    fn string(&self, text: &str) -> JSValue {
        // SAFETY: the engine copies it.
        unsafe { js::JS_NewStringLen(self.context, text.as_ptr().cast(), text.len() as _) }
    }

    fn bytes(&self, octets: &[u8]) -> JSValue {
        // SAFETY: the engine copies them.
        unsafe { js::JS_NewUint8ArrayCopy(self.context, octets.as_ptr(), octets.len() as _) }
    }

    fn net(&self) -> Option<&'static mut Net> {
        world().net.as_mut()
    }
}

fn latin1(call: &Call) -> JSValue {
    let octets = part(call.octets(0), call.int(1), call.int(2));
    if octets.is_ascii() {
        // SAFETY: ASCII is UTF-8.
        return call.string(unsafe { core::str::from_utf8_unchecked(octets) });
    }
    call.string(&octets::latin1(octets))
}

fn find(call: &Call) -> JSValue {
    let from = call.int(2).max(0) as usize;
    call.number(octets::find(call.octets(0), call.octets(1), from).map_or(-1.0, |at| at as f64))
}

/// Feeds a hash; the state that is given is changed.
fn hash_update(call: &Call) -> JSValue {
    if let Some(mut hashing) = Hashing::read(call.octets(0)) {
        hashing.update(call.octets(1));
        call.overwrite(0, &hashing.write());
    }
    js::JS_UNDEFINED
}

fn network(call: &Call) -> JSValue {
    let world = world();
    if let Some(card) = world.card.take() {
        let address = |at: usize| Ipv4Address::from_bits(call.int(at) as u32);
        world.net = Some(Net::new(card, address(0), call.int(1) as u8, address(2)));
    }
    js::JS_UNDEFINED
}

fn ends(call: &Call) -> JSValue {
    let Some([theirs, ours]) = call.net().and_then(|net| net.ends(call.int(0) as i32)) else { return js::JS_UNDEFINED };
    call.string(&alloc::format!("{}:{} {}:{}", theirs.0, theirs.1, ours.0, ours.1))
}

fn read(call: &Call) -> JSValue {
    let given = call.net().and_then(|net| net.read(call.int(0) as i32, |octets| call.bytes(octets)));
    given.unwrap_or(js::JS_UNDEFINED)
}

#[cfg(feature = "tls")]
/// As a server, or as a client of a server with that name, whose certificate has to be good where the last argument is 1.
fn start_tls(call: &Call) -> bool {
    let identity = &world().identity;
    let tls = call.text(1, |name| if name.is_empty() { Tls::server(identity) } else { Tls::client(identity, name, call.int(2) != 0) });
    tls.is_some_and(|tls| call.net().is_some_and(|net| net.secure(call.int(0) as i32, tls)))
}

fn random(call: &Call) -> JSValue {
    let mut octets = vec![0; (call.int(0).max(0) as usize).min(RANDOM_OCTETS_MAX)];
    entropy::fill(&mut octets);
    call.bytes(&octets)
}

/// Tells the words apart: each is one function of the engine.
macro_rules! words {
    ($($(#[$condition:meta])? $name:literal $call:ident => $does:expr;)*) => {
        const WORDS: &[(&CStr, js::JSCFunction)] = &[$($(#[$condition])? ($name, {
            unsafe extern "C" fn word(context: *mut JSContext, _this: JSValue, count: c_int, given: *mut JSValue) -> JSValue {
                // SAFETY: the engine says how many there are; they live as long as the call.
                let given = if count > 0 { unsafe { from_raw_parts(given, count as usize) } } else { &[] };
                let $call = &Call { context, given };
                $does
            }
            Some(word)
        })),*];
    };
}

words! {
    c"commandLine" call => call.string(&world().command_line);
    c"now" call => call.number(time::wall_ms() as f64);
    c"monotonic" call => call.number(time::monotonic_us() as f64 / 1000.0);
    c"random" call => random(call);
    c"say" call => call.text(0, |line| { say!("{line}"); js::JS_UNDEFINED });
    c"stop" call => call.text(0, |why| { say!("stopped: {why}"); halt() });
    c"network" call => network(call);
    c"listen" call => { if let Some(net) = call.net() { net.listen(call.int(0) as u16, call.int(1) as usize) } js::JS_UNDEFINED };
    c"accept" call => call.number(call.net().map_or(-1, Net::accept).into());
    c"connect" call => {
        let id = call.net().map_or(-1, |net| net.connect(Ipv4Address::from_bits(call.int(0) as u32), call.int(1) as u16));
        call.number(id.into())
    };
    c"status" call => call.number(call.net().map_or(24, |net| net.status(call.int(0) as i32)).into());
    c"ends" call => ends(call);
    c"read" call => read(call);
    c"write" call => {
        let octets = part(call.octets(1), call.int(2), i64::MAX);
        call.number(call.net().map_or(0, |net| net.write(call.int(0) as i32, octets)) as f64)
    };
    c"release" call => { if let Some(net) = call.net() { net.release(call.int(0) as i32, call.int(1) != 0) } js::JS_UNDEFINED };
    c"bootParts" call => call.string(&boot_file::names());
    #[cfg(feature = "tls")]
    c"loadServer" call => call.string(&world().identity.load_server().err().unwrap_or_default());
    #[cfg(feature = "tls")]
    c"loadTrust" call => call.string(&world().identity.load_trust().err().unwrap_or_default());
    #[cfg(feature = "tls")]
    c"startTls" call => call.boolean(start_tls(call));
    c"tlsReport" call => {
        let report = call.net().and_then(|net| net.tls_report(call.int(0) as i32));
        report.map_or(js::JS_UNDEFINED, |report| call.string(&report))
    };
    #[cfg(feature = "sign")]
    c"loadSigner" call => match crate::sign::Signer::load() {
        Ok(signer) => {
            world().signer = Some(signer);
            call.string("")
        }
        Err(why) => call.string(&why),
    };
    #[cfg(feature = "sign")]
    c"signerKind" call => world().signer.as_ref().map_or(js::JS_UNDEFINED, |signer| call.string(&signer.kind()));
    #[cfg(feature = "sign")]
    c"sign" call => {
        let signature = world().signer.as_ref().and_then(|signer| signer.sign(call.octets(0)));
        signature.map_or(js::JS_UNDEFINED, |octets| call.bytes(&octets))
    };
    #[cfg(feature = "sign")]
    c"prove" call => world().signer.as_ref().map_or(js::JS_UNDEFINED, |signer| call.bytes(&signer.prove(call.octets(0))));
    #[cfg(feature = "sign")]
    c"isProven" call => {
        call.boolean(world().signer.as_ref().is_some_and(|signer| signer.is_proven(call.octets(0), call.octets(1))))
    };
    c"sha256" call => call.bytes(&Sha256::digest(call.octets(0)));
    c"sha512" call => call.bytes(&Sha512::digest(call.octets(0)));
    c"hmacSha256" call => call.bytes(&octets::hmac(call.octets(0), call.octets(1)));
    c"hashOpen" call => call.bytes(&Hashing::new().write());
    c"hashUpdate" call => hash_update(call);
    c"hashDigest" call => Hashing::read(call.octets(0)).map_or(js::JS_UNDEFINED, |hashing| call.bytes(&hashing.digest()));
    #[cfg(feature = "verify")]
    c"keyBits" call => call.number(verify::key_bits(call.int(0), call.octets(1)) as f64);
    #[cfg(feature = "verify")]
    c"verifies" call => call.boolean(verify::verifies(call.int(0), call.octets(1), call.octets(2), call.octets(3)));
    #[cfg(feature = "verify")]
    c"openDatagrams" call => {
        let id = call.net().map_or(-1, |net| net.open_datagrams(Ipv4Address::from_bits(call.int(0) as u32), call.int(1) as u16));
        call.number(id.into())
    };
    #[cfg(feature = "verify")]
    c"sendDatagram" call => { if let Some(net) = call.net() { net.send_datagram(call.int(0) as i32, call.octets(1)) } js::JS_UNDEFINED };
    #[cfg(feature = "verify")]
    c"receiveDatagram" call => {
        let given = call.net().and_then(|net| net.receive_datagram(call.int(0) as i32, |octets| call.bytes(octets)));
        given.unwrap_or(js::JS_UNDEFINED)
    };
    #[cfg(feature = "verify")]
    c"closeDatagrams" call => { if let Some(net) = call.net() { net.close_datagrams(call.int(0) as i32) } js::JS_UNDEFINED };
    c"memoryTotal" call => call.number(world().memory_octets as f64);
    c"memory" call => call.number(HEAP.use_and_peak().0 as f64);
    c"memoryPeak" call => call.number(HEAP.use_and_peak().1 as f64);
    c"latin1" call => latin1(call);
    c"latin1Bytes" call => call.text(0, |text| {
        if text.is_ascii() { call.bytes(text.as_bytes()) } else { call.bytes(&text.chars().map(|each| each as u8).collect::<Vec<u8>>()) }
    });
    c"utf8" call => call.string(&String::from_utf8_lossy(part(call.octets(0), call.int(1), call.int(2))));
    c"isAscii" call => call.boolean(part(call.octets(0), call.int(1), call.int(2)).is_ascii());
    c"isUtf8" call => call.boolean(core::str::from_utf8(part(call.octets(0), call.int(1), call.int(2))).is_ok());
    c"plainLines" call => {
        let octets = part(call.octets(0), 0, call.int(2));
        call.number(octets::plain_lines(octets, call.int(1).max(0) as usize, call.int(3).max(0) as usize) as f64)
    };
    c"blankChange" call => {
        let octets = part(call.octets(0), 0, call.int(2));
        call.number(octets::blank_change(octets, call.int(1).max(0) as usize) as f64)
    };
    c"find" call => find(call);
    c"onPoll" call => {
        // SAFETY: the value is kept for the life of the machine.
        world().poll = unsafe { js::JS_DupValue(call.context, call.given.first().copied().unwrap_or(js::JS_UNDEFINED)) };
        js::JS_UNDEFINED
    };
}

/// The engine, with what the language has but `eval`, `new Function` and its parser, which are not linked.
unsafe fn context() -> (*mut JSRuntime, *mut JSContext) {
    // SAFETY: at boot, once.
    unsafe {
        let runtime = js::JS_NewRuntime();
        js::JS_SetMaxStackSize(runtime, STACK_OCTETS_MAX as _);
        let context = js::JS_NewContextRaw(runtime);
        js::JS_AddIntrinsicBaseObjects(context);
        js::JS_AddIntrinsicDate(context);
        js::JS_AddIntrinsicRegExp(context);
        js::JS_AddIntrinsicJSON(context);
        js::JS_AddIntrinsicMapSet(context);
        js::JS_AddIntrinsicTypedArrays(context);
        js::JS_AddIntrinsicPromise(context);
        js::JS_AddIntrinsicWeakRef(context);
        (runtime, context)
    }
}

/// Ends with what the role threw: nothing goes on after an error that nobody caught.
unsafe fn check(context: *mut JSContext, value: JSValue) -> JSValue {
    // SAFETY: the engine's own value.
    unsafe {
        if !js::JS_IsException(value) {
            return value;
        }
        let thrown = js::JS_GetException(context);
        let text = |value: JSValue| {
            let start: *const c_char = js::JS_ToCStringLen2(context, null_mut(), value, false);
            if start.is_null() { "" } else { CStr::from_ptr(start).to_str().unwrap_or("") }
        };
        let stack = js::JS_GetPropertyStr(context, thrown, c"stack".as_ptr());
        panic!("the role threw: {} {}", text(thrown), text(stack).trim_end())
    }
}

/// Runs the role for ever.
pub fn run(command_line: String, memory_octets: usize, card: Option<Card>, sleep: impl Fn(u64)) -> ! {
    // SAFETY: at boot, once; the engine's values live as long as the machine.
    unsafe {
        *WORLD.0.get() = Some(World {
            command_line,
            memory_octets,
            card,
            net: None,
            #[cfg(feature = "tls")]
            identity: Identity::new(),
            #[cfg(feature = "sign")]
            signer: None,
            poll: js::JS_UNDEFINED,
        });
        let (runtime, context) = context();
        let host = js::JS_NewObject(context);
        for (name, word) in WORDS {
            let function = js::JS_NewCFunction2(context, *word, name.as_ptr(), 0, js::JSCFunctionEnum_JS_CFUNC_generic, 0);
            js::JS_SetPropertyStr(context, host, name.as_ptr(), function);
        }
        let global = js::JS_GetGlobalObject(context);
        js::JS_SetPropertyStr(context, global, c"scopHost".as_ptr(), host);
        let role = js::JS_ReadObject(context, ROLE.as_ptr(), ROLE.len() as _, js::JS_READ_OBJ_BYTECODE as c_int);
        check(context, js::JS_EvalFunction(context, check(context, role)));
        loop {
            turn(runtime, context, &sleep);
        }
    }
}

/// One turn: frames in, the role, what it promised, frames out, and sleep until something is due.
unsafe fn turn(runtime: *mut JSRuntime, context: *mut JSContext, sleep: &impl Fn(u64)) {
    // SAFETY: values of this context.
    unsafe {
        crate::interrupts::attend();
        let moved = world().net.as_mut().is_some_and(Net::poll);
        let mut due_ms = 0.0;
        let answer = check(context, js::JS_Call(context, world().poll, js::JS_UNDEFINED, 0, null_mut()));
        js::JS_ToFloat64(context, &mut due_ms, answer);
        let mut ran = false;
        loop {
            let mut of = null_mut();
            match js::JS_ExecutePendingJob(runtime, &mut of) {
                0 => break,
                1 => ran = true,
                _ => _ = check(of, js::JS_EXCEPTION),
            }
        }
        let moved = world().net.as_mut().is_some_and(Net::poll) || moved;
        if moved || ran {
            return;
        }
        let tcp_us = world().net.as_mut().and_then(Net::idle_us).unwrap_or(u64::MAX);
        let us = tcp_us.min((due_ms * 1000.0) as u64);
        if us > 0 {
            sleep(us);
        }
    }
}
