//! How the image is linked, and which role is put into it.

use std::{env, path::PathBuf};

fn main() {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where this is"));
    let script = here.join("link.ld");
    let arguments = [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-no-pie",
        "-Wl,--build-id=none",
        "-Wl,-z,max-page-size=4096",
        "-Wl,--gc-sections",
        "-Wl,-z,noexecstack",
    ];
    for argument in arguments {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    println!("cargo::rerun-if-changed={}", script.display());
    // The bytecode of the role. Without one, as for a look by clippy, there is nothing to run.
    let role = env::var("SCOP_ROLE_BYTECODE").map_or_else(|_| here.join("no-role.bin"), PathBuf::from);
    println!("cargo::rustc-env=SCOP_ROLE_FILE={}", role.display());
    println!("cargo::rerun-if-env-changed=SCOP_ROLE_BYTECODE");
    println!("cargo::rerun-if-changed={}", role.display());
    #[cfg(feature = "probes")]
    {
        // With the flags of the engine, which `.cargo/config.toml` has.
        let smash = here.join("src/smash.c");
        println!("cargo::rerun-if-changed={}", smash.display());
        cc::Build::new().file(smash).opt_level(2).compile("smash");
    }
}
