//! Compiles one script to the bytecode of the engine that images carry: `bytecode SCRIPT OUTPUT`. Runs on the machine that builds.

use rquickjs_sys as js;
use std::ffi::CString;

/// The name that stands in stack traces: no path of the machine that built.
const NAME: &std::ffi::CStr = c"role.js";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, script, output] = arguments.as_slice() else {
        eprintln!("usage: bytecode SCRIPT OUTPUT");
        std::process::exit(2);
    };
    let source = std::fs::read(script).unwrap_or_else(|error| fail(&format!("{script}: {error}")));
    let octets = compile(source);
    std::fs::write(output, octets).unwrap_or_else(|error| fail(&format!("{output}: {error}")));
}

fn fail(why: &str) -> ! {
    eprintln!("bytecode: {why}");
    std::process::exit(1);
}

fn compile(source: Vec<u8>) -> Vec<u8> {
    let length = source.len();
    let text = CString::new(source).unwrap_or_else(|_| fail("a script has no NUL"));
    let flags = (js::JS_EVAL_TYPE_GLOBAL | js::JS_EVAL_FLAG_COMPILE_ONLY | js::JS_EVAL_FLAG_STRICT) as i32;
    let write = js::JS_WRITE_OBJ_BYTECODE | js::JS_WRITE_OBJ_STRIP_SOURCE;
    // SAFETY: the runtime lives to the end of the process, the text is terminated, and `octets` are read before anything is freed.
    unsafe {
        let context = js::JS_NewContext(js::JS_NewRuntime());
        let compiled = js::JS_Eval(context, text.as_ptr(), length as _, NAME.as_ptr(), flags);
        if js::JS_IsException(compiled) {
            fail("the script does not compile");
        }
        let mut size = 0;
        let octets = js::JS_WriteObject(context, &mut size, compiled, write as i32);
        if octets.is_null() {
            fail("the engine wrote no bytecode");
        }
        std::slice::from_raw_parts(octets, size as usize).to_vec()
    }
}
