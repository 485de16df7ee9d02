//! Builds the two Lambda handlers and embeds their deployment packages.
//!
//! The handlers are built by a cargo of their own, with their own profile, in `handlers/` under
//! the target directory, which debug and release builds of the tool share. With
//! `ORDERS_LAB_SKIP_HANDLERS=1` (for editors and quick checks) nothing is built or embedded.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "src/artifact/zip.rs"]
mod package;

const HANDLERS: [(&str, &str); 2] = [
    ("SIMULATOR", "order-simulator"),
    ("PROCESSOR", "order-processor"),
];
const SKIP: &str = "ORDERS_LAB_SKIP_HANDLERS";

fn main() -> Result<(), Box<dyn Error>> {
    for path in [
        "build.rs",
        "handlers",
        "Cargo.lock",
        "Cargo.toml",
        "src/artifact/zip.rs",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed={SKIP}");
    let out = PathBuf::from(required("OUT_DIR")?);
    let programs = match env::var(SKIP).as_deref() {
        Ok("1") => None,
        _ => Some(build(&out)?),
    };
    let mut source = String::new();
    for (constant, package) in HANDLERS {
        let value = match &programs {
            None => "None".to_owned(),
            Some(folder) => {
                let file = out.join(format!("{package}.zip"));
                fs::write(
                    &file,
                    package::bootstrap_zip(&fs::read(folder.join(package))?)?,
                )?;
                format!("Some(include_bytes!({file:?}))")
            }
        };
        source.push_str(&format!("const {constant}: Option<&[u8]> = {value};\n"));
    }
    Ok(fs::write(out.join("embedded.rs"), source)?)
}

/// Builds the handlers and returns the folder with their programs.
fn build(out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    // Cargo marks the root of its target directory with this file.
    let target_dir = out
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .unwrap_or(out);
    let target_dir = target_dir.join("handlers");
    let mut cargo = Command::new(required("CARGO")?);
    cargo
        .args(["build", "--locked", "--profile", "handler"])
        .arg("--target-dir")
        .arg(&target_dir);
    for (_, package) in HANDLERS {
        cargo.args(["--package", package]);
    }
    let mut folder = target_dir.clone();
    let target = required("TARGET")?;
    if target != required("HOST")? {
        cargo.args(["--target", &target]);
        folder.push(&target);
    }
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_outer_builds)) {
        cargo.env_remove(name);
    }
    let status = cargo
        .status()
        .map_err(|error| format!("cannot run cargo to build the handlers: {error}"))?;
    if !status.success() {
        return Err(format!(
            "building the Lambda handlers failed ({status}); its output is above. \
             {SKIP}=1 builds the tool without them"
        )
        .into());
    }
    folder.push("handler");
    Ok(folder)
}

/// Whether a variable was set by, or for, the build of the tool itself. What the user has
/// configured about registries, the network and the jobs to run side by side stays.
fn is_outer_builds(name: &str) -> bool {
    const KEPT: [&str; 10] = [
        "CARGO_HOME",
        "CARGO_MAKEFLAGS",
        "CARGO_BUILD_JOBS",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_PROFILE_HANDLER_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    const OTHERS: [&str; 8] = [
        "DEBUG",
        "HOST",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "TARGET",
        "RUSTC",
    ];
    const PREFIXES: [&str; 6] = ["CARGO", "CLIPPY_", "DEP_", "RUSTC_", "RUSTDOC", "RUSTFLAGS"];
    let is_kept = KEPT.iter().any(|kept| name.starts_with(kept));
    !is_kept && (OTHERS.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

fn required(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("cargo has not set {name}: {error}"))
}
