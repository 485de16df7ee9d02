//! Builds the two Lambda handlers and embeds their deployment packages.
//!
//! The handlers are built by a separate cargo, with their own profile, in `handlers/` under the
//! target directory, which debug and release builds of the tool share. Two environment variables say
//! what is built:
//!
//! - `ORDERS_LAB_ARCHITECTURES=x86_64,arm64`, on Linux: these architectures, by cargo-zigbuild
//!   against the glibc of Lambda's `provided.al2023`, whatever glibc this machine has. Without it,
//!   cargo builds the handlers for the machine that the tool is built for, against its glibc.
//! - `ORDERS_LAB_SKIP_HANDLERS=1` (for editors and quick checks): nothing is built or embedded.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[path = "src/artifact/zip.rs"]
mod package;

const HANDLERS: [&str; 2] = ["order-simulator", "order-processor"];
const SKIP: &str = "ORDERS_LAB_SKIP_HANDLERS";
const ARCHITECTURES: &str = "ORDERS_LAB_ARCHITECTURES";
/// Lambda's name for an architecture, Rust's name for it, and Rust's target.
const KNOWN: [(&str, &str, &str); 2] = [
    ("x86_64", "x86_64", "x86_64-unknown-linux-gnu"),
    ("arm64", "aarch64", "aarch64-unknown-linux-gnu"),
];
/// The version on `provided.al2023`, the same as `Glibc::AL2023` in `src/artifact/program.rs`.
const GLIBC: &str = "2.34";

/// An architecture's name, and the folder with the programs built for it.
type Build = (&'static str, PathBuf);

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
    for variable in [SKIP, ARCHITECTURES] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let out = PathBuf::from(required("OUT_DIR")?);
    let builds = match env::var(SKIP).as_deref() {
        Ok("1") => Vec::new(),
        _ => build(&out)?,
    };
    let mut source = "const BUILDS: &[(&str, &str, &[u8])] = &[\n".to_owned();
    for (architecture, folder) in builds {
        for handler in HANDLERS {
            let file = out.join(format!("{handler}-{architecture}.zip"));
            let zip = package::bootstrap_zip(&fs::read(folder.join(handler))?)?;
            fs::write(&file, zip)?;
            source.push_str(&format!(
                "({handler:?}, {architecture:?}, include_bytes!({file:?})),\n"
            ));
        }
    }
    source.push_str("];\n");
    Ok(fs::write(out.join("embedded.rs"), source)?)
}

/// Builds the handlers for every requested architecture.
fn build(out: &Path) -> Result<Vec<Build>, Box<dyn Error>> {
    // Cargo marks the root of its target directory with this file, except in a directory that existed
    // before; the root has `PROFILE/build/PACKAGE/out` below it.
    let root = out
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .or_else(|| out.ancestors().nth(4))
        .unwrap_or(out);
    let target_dir = root.join("handlers");
    let names = env::var(ARCHITECTURES).unwrap_or_default();
    if names.trim().is_empty() {
        return Ok(vec![with_cargo(&target_dir)?]);
    }
    let known = |name: &str| KNOWN.into_iter().find(|known| known.0 == name);
    let wanted: Vec<_> = names
        .split(',')
        .map(|name| {
            let name = name.trim();
            known(name)
                .ok_or_else(|| format!("{ARCHITECTURES}: {name:?} is neither x86_64 nor arm64"))
        })
        .collect::<Result<_, _>>()?;
    require_zig(&wanted.iter().map(|known| known.2).collect::<Vec<_>>())?;
    // A separate folder, because zig links differently.
    let zig_dir = target_dir.join("zig");
    let builds = wanted.into_iter().map(|(name, _, target)| {
        let mut cargo = Command::new(required("CARGO")?);
        cargo.args(["zigbuild", "--target", &format!("{target}.{GLIBC}")]);
        run(cargo, &zig_dir)?;
        Ok((name, zig_dir.join(target).join("handler")))
    });
    builds.collect()
}

/// Builds the handlers for the machine that the tool is built for.
fn with_cargo(target_dir: &Path) -> Result<Build, Box<dyn Error>> {
    let machine = required("CARGO_CFG_TARGET_ARCH")?;
    let (name, ..) = KNOWN
        .into_iter()
        .find(|known| known.1 == machine)
        .ok_or_else(|| {
            format!("Lambda has x86_64 and arm64, not {machine}; {SKIP}=1 builds the tool without handlers")
        })?;
    let mut cargo = Command::new(required("CARGO")?);
    cargo.arg("build");
    let mut folder = target_dir.to_owned();
    let target = required("TARGET")?;
    if target != required("HOST")? {
        cargo.args(["--target", &target]);
        folder.push(&target);
    }
    run(cargo, target_dir)?;
    folder.push("handler");
    Ok((name, folder))
}

/// Runs a cargo that builds both handlers.
fn run(mut cargo: Command, target_dir: &Path) -> Result<(), Box<dyn Error>> {
    cargo
        .args(["--locked", "--profile", "handler", "--target-dir"])
        .arg(target_dir);
    for handler in HANDLERS {
        cargo.args(["--package", handler]);
    }
    let outer =
        env::vars_os().filter(|(name, _)| name.to_str().is_some_and(belongs_to_outer_build));
    for (name, _) in outer {
        cargo.env_remove(name);
    }
    let status = cargo
        .status()
        .map_err(|error| format!("cannot run cargo to build the handlers: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "building the Lambda handlers failed ({status}); its output is above. \
         {SKIP}=1 builds the tool without them"
    )
    .into())
}

/// Checks that builds with zig are possible.
///
/// # Errors
/// They are not; the error says what to install.
fn require_zig(targets: &[&str]) -> Result<(), Box<dyn Error>> {
    if !required("TARGET")?.contains("-linux-") {
        return Err(format!(
            "{ARCHITECTURES} builds for Linux, which the local cloud could not run here. Build the tool \
             without it; for AWS, pass builds of cargo-zigbuild or cargo-lambda with --handlers"
        )
        .into());
    }
    let runs = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let mut missing = Vec::new();
    if !runs("cargo-zigbuild", &["--version"]) {
        missing.push("`pip install cargo-zigbuild`".to_owned());
    }
    let has_zig = env::var_os("CARGO_ZIGBUILD_ZIG_PATH").is_some()
        || runs("zig", &["version"])
        || runs("python3", &["-m", "ziglang", "version"]);
    if !has_zig {
        missing.push("`pip install ziglang`".to_owned());
    }
    for target in targets {
        let library = Command::new(required("RUSTC")?)
            .args(["--print", "target-libdir", "--target", target])
            .output()?;
        if !Path::new(String::from_utf8_lossy(&library.stdout).trim()).is_dir() {
            missing.push(format!("`rustup target add {target}`"));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{ARCHITECTURES} needs zig, and something is missing here: run {}. Without {ARCHITECTURES} the \
         handlers are built for this machine only",
        missing.join(" and ")
    )
    .into())
}

/// Whether an environment variable belongs to the build of the tool itself. The user's configuration
/// of registries, the network and parallel jobs does not.
fn belongs_to_outer_build(name: &str) -> bool {
    const KEPT: [&str; 11] = [
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
        "CARGO_ZIGBUILD_",
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
