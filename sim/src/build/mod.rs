//! From Verilog files to a program in the cache.

mod cache;
mod compile;
mod digest;
mod tool;

use std::path::{Path, PathBuf};

pub(crate) use digest::Digest;
pub use tool::Verilator;

use crate::error::file_error;
use crate::SimError;

/// Whether waveforms can be recorded. They cost speed even while none is recorded, so they are
/// a property of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Trace {
    /// No waveforms, full speed.
    #[default]
    Off,
    /// Compressed waveforms for GTKWave and Surfer; needs zlib's (newer Verilators also lz4's)
    /// header files.
    Fst,
    /// Text waveforms: large, but they need nothing.
    Vcd,
}

/// What a build is doing, for a progress display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The program was in the cache; nothing else happens.
    Cached,
    /// Someone else is building the same; waiting for the result.
    Waiting,
    /// Verilator translates the design.
    Verilating,
    /// The C++ compiler has finished `done` of about `total` files.
    Compiling {
        /// Files finished.
        done: usize,
        /// Files there are.
        total: usize,
    },
    /// The program is ready and in the cache.
    Finished,
}

/// A simulation program in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    key: String,
}

impl Program {
    /// The executable.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Hash of everything it was made from.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A simulation program to be made.
#[derive(Debug, Clone)]
pub struct Build {
    top: String,
    sources: Vec<PathBuf>,
    trace: Trace,
    arguments: Vec<String>,
    quickly: bool,
    cache: Option<PathBuf>,
    verilator: Option<Verilator>,
}

impl Build {
    /// A build of the top module `top`, without sources so far.
    pub fn new(top: impl Into<String>) -> Self {
        Build {
            top: top.into(),
            sources: Vec::new(),
            trace: Trace::Off,
            arguments: Vec::new(),
            quickly: false,
            cache: None,
            verilator: None,
        }
    }

    /// Adds one source file.
    pub fn source(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(path.into());
        self
    }

    /// Adds source files.
    pub fn sources<P: Into<PathBuf>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.sources.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds every `*.v` directly in a folder, sorted by name.
    pub fn folder(self, folder: impl AsRef<Path>) -> Result<Self, SimError> {
        let folder = folder.as_ref();
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(file_error("read", folder))? {
            let path = entry.map_err(file_error("read", folder))?.path();
            if path.extension().is_some_and(|extension| extension == "v") {
                found.push(path);
            }
        }
        if found.is_empty() {
            return Err(SimError::NoSources { path: folder.to_owned() });
        }
        found.sort();
        Ok(self.sources(found))
    }

    /// Chooses waveforms.
    pub fn trace(mut self, trace: Trace) -> Self {
        self.trace = trace;
        self
    }

    /// Adds an argument for Verilator, such as `-DNAME=1` or `-GWIDTH=8`.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Spends less time on the C++ compiler's optimisation, for large designs that run briefly.
    pub fn quickly(mut self) -> Self {
        self.quickly = true;
        self
    }

    /// Uses this cache folder instead of the one that [`Build::cache_folder`] finds.
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Uses this Verilator instead of the one that [`Verilator::find`] finds.
    pub fn verilator(mut self, verilator: Verilator) -> Self {
        self.verilator = Some(verilator);
        self
    }

    /// The cache folder: `DEKU_SIM_CACHE`, else `target/deku-sim-cache` of the workspace around
    /// the working folder, else `deku` in the user's cache folder.
    pub fn cache_folder() -> PathBuf {
        cache::default_folder()
    }

    /// Makes the program, or takes it from the cache.
    pub fn run(&self) -> Result<Program, SimError> {
        self.run_with(|_| {})
    }

    /// Makes the program, or takes it from the cache, and reports progress.
    pub fn run_with(&self, mut progress: impl FnMut(Progress)) -> Result<Program, SimError> {
        let sources = self.read_sources()?;
        let verilator = match &self.verilator {
            Some(verilator) => verilator.clone(),
            None => Verilator::find()?,
        };
        let recipe = compile::Recipe::new(self, &verilator, &sources);
        let cache = cache::Cache::new(self.cache.clone().unwrap_or_else(cache::default_folder))?;
        if let Some(program) = cache.get(&recipe.key) {
            progress(Progress::Cached);
            return Ok(program);
        }
        let _lock = cache.lock(&recipe.key, || progress(Progress::Waiting))?;
        if let Some(program) = cache.get(&recipe.key) {
            progress(Progress::Finished);
            return Ok(program);
        }
        let program = cache.fill(&recipe.key, |folder| recipe.run(folder, &mut progress))?;
        progress(Progress::Finished);
        Ok(program)
    }

    fn read_sources(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, SimError> {
        if self.sources.is_empty() {
            return Err(SimError::NoSources { path: PathBuf::from("the list of sources") });
        }
        let read = |path: &PathBuf| {
            let full = std::path::absolute(path).map_err(file_error("find", path))?;
            let text = std::fs::read(&full).map_err(file_error("read", path))?;
            Ok((full, text))
        };
        self.sources.iter().map(read).collect()
    }
}
