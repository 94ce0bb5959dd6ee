//! The settings, given once before the first `enable()`; later ones change nothing, so that every thread may read
//! them without a lock. Until they are given, the defaults hold.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};
use whipsnake_hir::snapshot::Options;

/// Calls before a function is compiled. Low, because compiling happens in the background and
/// a function that ran this often has warm caches.
const CALLS: u32 = 200;
/// Back-edges before a loop is compiled.
const BACK_EDGES: u32 = 1000;
/// Operations of a function that is compiled at first sight. Finding registers for more takes up to a second, in each process.
const AT_ONCE_INSTS: u32 = 1500;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Off,
}

/// Which stages of a compilation are written out.
#[derive(Clone, Copy, Default, Debug)]
pub struct Dump {
    pub hir: bool,
    pub clif: bool,
    pub asm: bool,
}

#[derive(Clone, Debug)]
pub struct Config {
    pub calls: u32,
    pub back_edges: u32,
    /// Compile at first sight, before anything ran.
    pub at_once: bool,
    /// Compile even what will hardly be faster: a threshold this low, or a stress switch, is there to test the compiler.
    pub anything: bool,
    /// Compile on the thread that asks.
    pub sync: bool,
    pub log: Level,
    pub dump: Dump,
    pub dump_dir: Option<PathBuf>,
    pub options: Options,
    /// Cap on memory for machine code.
    pub code_bytes: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            calls: CALLS,
            back_edges: BACK_EDGES,
            at_once: false,
            anything: false,
            sync: false,
            log: Level::Off,
            dump: Dump::default(),
            dump_dir: None,
            options: Options::default(),
            code_bytes: None,
        }
    }
}

static CONFIG: OnceLock<Config> = OnceLock::new();
static DEFAULT: LazyLock<Config> = LazyLock::new(Config::default);

/// The settings in force.
pub fn get() -> &'static Config {
    CONFIG.get().unwrap_or_else(|| &DEFAULT)
}

/// Takes the settings from the face; keys it leaves out keep their defaults.
pub fn set(settings: &Bound<'_, PyDict>) -> PyResult<()> {
    let mut c = Config::default();
    for (key, value) in settings.iter() {
        match key.extract::<String>()?.as_str() {
            "threshold" => {
                let n = value.extract::<u64>()?.min(u64::from(u32::MAX >> 2)) as u32;
                (c.calls, c.back_edges, c.at_once) = (n, n, n == 0);
            }
            "sync" => c.sync = value.extract()?,
            "log" => {
                c.log = match value.extract::<String>()?.as_str() {
                    "debug" => Level::Debug,
                    "info" => Level::Info,
                    "warning" => Level::Warning,
                    "error" => Level::Error,
                    _ => Level::Off,
                }
            }
            "dump" => {
                for stage in value.extract::<Vec<String>>()? {
                    match stage.as_str() {
                        "hir" => c.dump.hir = true,
                        "clif" => c.dump.clif = true,
                        "asm" => c.dump.asm = true,
                        _ => {}
                    }
                }
            }
            "dump_dir" => c.dump_dir = Some(PathBuf::from(value.extract::<String>()?)),
            "exit_every" => c.options.exit_every = value.extract::<u64>()?.min(u64::from(u32::MAX)) as u32,
            "opt" => c.options.optimise = value.extract()?,
            "verify" => c.options.verify = value.extract()?,
            "code_kb" => c.code_bytes = Some(value.extract::<usize>()?.saturating_mul(1024)),
            _ => {}
        }
    }
    c.sync |= c.at_once;
    if c.at_once {
        // The program waits for everything, whole libraries among it, and nothing is left out as never reached.
        c.options.max_insts = AT_ONCE_INSTS;
    }
    c.anything = c.calls < 10 || c.options.exit_every > 0;
    // A second configuration is ignored: code compiled under the first may be running.
    let _ = CONFIG.set(c);
    Ok(())
}

/// Writes one line to standard error if `level` is asked for.
pub fn log(level: Level, message: impl FnOnce() -> String) {
    if level >= get().log {
        eprintln!("whipsnake: {}", message());
    }
}
