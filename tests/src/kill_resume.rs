//! Training that is killed (SIGKILL) at random moments and resumed until it is done: the model must
//! be that of a run that was left alone, byte for byte, and no checkpoint may ever be unusable.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use deku_cli::checkpoint::Checkpoint;
use deku_ref::Xorshift32;
use serde_json::Value;

/// Set for a child that shall be the command line.
pub const AS_DEKU: &str = "DEKU_KILL_RESUME_CHILD";

/// What the program says while it is being killed.
const STDERR: &str = "stderr.txt";
/// A table that fits the smallest module: two classes of eight features.
const TABLE: &str = "t.csv";
/// What the runs do, in turn.
const RUNS: [&[&str]; 5] = [
    &["--columns", "32"],
    &["--columns", "32", "--order", "file", "--drop", "60", "--schedule", "endless"],
    &["--columns", "32", "--overlay", "2", "--validation", "40"],
    &["--columns", "32,16", "--phase", "pair", "--schedule", "planned:20000"],
    &["--columns", "32", "--phase", "single", "--stop-after", "1111", "--seed", "7"],
];
/// Kills in a run, about.
const KILLS_PER_RUN: u32 = 4;

/// How often to kill what.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Kills.
    pub count: u32,
    /// What trains.
    pub backend: String,
    /// Of the random moments; not 0.
    pub seed: u32,
}

/// What came out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Kills that met a running process.
    pub kills: u32,
    /// Of these, kills before the first checkpoint of a run.
    pub before_first: u32,
    /// Of these, kills in the middle of writing a file.
    pub while_writing: u32,
    /// Of these, kills after the last sample.
    pub after_last: u32,
    /// Runs that were finished, all with the right model.
    pub runs: u32,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, before_first, while_writing, after_last, runs } = self;
        write!(f, "{kills} kills ({before_first} before the first checkpoint, {while_writing} while writing a file, {after_last} after the last sample), no checkpoint damaged, {runs} of {runs} final models identical")
    }
}

/// What a run left alone gives.
struct Expected {
    model: Vec<u8>,
    outcome: Value,
    lasted: Duration,
}

impl Campaign {
    /// Kills and resumes; the first thing that is not right ends it.
    ///
    /// # Errors
    /// What was not right.
    pub fn run(&self) -> Result<Summary, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        std::fs::write(folder.path().join(TABLE), table()).map_err(|e| e.to_string())?;
        let mut random = Xorshift32::derived(self.seed);
        let mut summary = Summary::default();
        let mut expected: [Option<Expected>; RUNS.len()] = Default::default();
        while summary.kills < self.count {
            let n = summary.runs as usize % RUNS.len();
            let trial = Trial { folder: folder.path(), backend: &self.backend, options: RUNS[n] };
            let expected = match &mut expected[n] {
                Some(expected) => expected,
                place => place.insert(trial.left_alone()?),
            };
            let context = |e| format!("run {}, {}: {e}", summary.runs + 1, RUNS[n].join(" "));
            let before = summary;
            summary =
                trial.to_the_end(expected, self.count, before, &mut random).map_err(context)?;
            println!(
                "run {}: {} kills so far, identical ({})",
                summary.runs,
                summary.kills,
                RUNS[n].join(" ")
            );
        }
        Ok(summary)
    }
}

/// One run, started as often as needed.
struct Trial<'t> {
    folder: &'t Path,
    backend: &'t str,
    options: &'t [&'t str],
}

impl Trial<'_> {
    fn left_alone(&self) -> Result<Expected, String> {
        // May have to build the simulation, and so tells nothing about how long it takes.
        let outcome = self.finish(self.command(false, "whole"))?;
        let model = self.read("whole")?;
        let start = Instant::now();
        self.finish(self.command(true, "whole"))?;
        let lasted = start.elapsed();
        Ok(Expected { model, outcome, lasted })
    }

    /// Kills and resumes until the run is done, and compares.
    fn to_the_end(
        &self,
        expected: &Expected,
        count: u32,
        mut summary: Summary,
        random: &mut Xorshift32,
    ) -> Result<Summary, String> {
        for name in ["part", "part.checkpoint", "whole.checkpoint"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        let (mut done, mut here) = (None, 0);
        while summary.kills < count && here < 2 * KILLS_PER_RUN {
            let longest = 2 * expected.lasted.as_micros() as u64 / u64::from(KILLS_PER_RUN);
            let moment = Duration::from_micros(u64::from(random.next()) % longest.max(1));
            if !self.killed_after(moment)? {
                break;
            }
            summary.kills += 1;
            here += 1;
            summary.while_writing += u32::from(self.partial());
            let now = self.progress()?;
            match now {
                None if done.is_some() => return Err("the checkpoint is gone".into()),
                None => summary.before_first += 1,
                Some((n, _)) if done > Some(n) => return Err(format!("went back to sample {n}")),
                Some((n, all)) => {
                    summary.after_last += u32::from(n == all);
                    done = Some(n);
                }
            }
        }
        let outcome = self.finish(self.next())?;
        if outcome != expected.outcome {
            return Err(format!("{outcome} instead of {}", expected.outcome));
        }
        if self.read("part")? != expected.model {
            return Err("the model is another one".into());
        }
        if self.partial() {
            return Err("a file was left behind half written".into());
        }
        summary.runs += 1;
        Ok(summary)
    }

    /// Starts it and kills it after a while; `false` if it had ended before.
    fn killed_after(&self, moment: Duration) -> Result<bool, String> {
        let said = File::create(self.folder.join(STDERR)).map_err(|e| e.to_string())?;
        let mut child = self.next().stderr(said).spawn().map_err(|e| e.to_string())?;
        std::thread::sleep(moment);
        let ended = child.try_wait().map_err(|e| e.to_string())?;
        child.kill().map_err(|e| e.to_string())?;
        child.wait().map_err(|e| e.to_string())?;
        match ended {
            Some(status) if !status.success() => {
                let said = String::from_utf8_lossy(&self.read(STDERR)?).into_owned();
                Err(format!("it failed by itself, {status}: {said}"))
            }
            Some(_) => Ok(false),
            None => Ok(true),
        }
    }

    /// Samples done and to do, of the checkpoint, which must be a good one if it is there.
    fn progress(&self) -> Result<Option<(u64, u64)>, String> {
        let file = self.folder.join("part.checkpoint");
        if !file.exists() {
            return Ok(None);
        }
        let run = Checkpoint::read(&file).map_err(|e| e.to_string())?.run;
        Ok(Some((run.standing.done, run.samples)))
    }

    fn partial(&self) -> bool {
        let entries = std::fs::read_dir(self.folder).into_iter().flatten().flatten();
        entries.map(|e| e.file_name()).any(|name| name.to_string_lossy().ends_with(".part"))
    }

    /// What a user would type: the run again, or its continuation if it has a checkpoint.
    fn next(&self) -> Command {
        if self.folder.join("part.checkpoint").exists() {
            return self.deku(&["train", "--resume", "part.checkpoint"]);
        }
        self.command(true, "part")
    }

    fn command(&self, kept: bool, out: &str) -> Command {
        let data = format!("csv:{TABLE}");
        // Software takes the time of its start for that of a few epochs.
        let epochs = if self.backend == "ref" { "40" } else { "12" };
        let run = ["train", "--backend", self.backend, "--data", &data, "--epochs", epochs];
        let kept: &[&str] = if kept { &["--checkpoint", "every=17"] } else { &[] };
        self.deku(&[&run[..], self.options, &["--out", out], kept].concat())
    }

    fn deku(&self, arguments: &[&str]) -> Command {
        let program = std::env::current_exe().expect("the path of this program");
        let mut command = Command::new(program);
        command.args(arguments).args(["--json", "--quiet"]).current_dir(self.folder);
        command.env(AS_DEKU, "1").stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Lets it end, and returns what it says about itself, all but times.
    fn finish(&self, mut command: Command) -> Result<Value, String> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let Output { status, stdout, stderr } = command.output().map_err(|e| e.to_string())?;
        if !status.success() {
            return Err(String::from_utf8_lossy(&stderr).into_owned());
        }
        let text = String::from_utf8_lossy(&stdout);
        let last = text.lines().last().unwrap_or_default();
        let mut outcome: Value = serde_json::from_str(last).map_err(|e| format!("{e}: {last}"))?;
        for time in ["seconds", "cycles"] {
            outcome[time] = Value::Null;
        }
        Ok(outcome)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.folder.join(name)).map_err(|e| format!("{name}: {e}"))
    }
}

/// Two classes that differ in which half of the features is large.
fn table() -> String {
    let row = |n: u32| {
        let value =
            |k: u32| n.wrapping_mul(97).wrapping_add(k * 41) % 60 + u32::from(k / 4 == n % 2) * 40;
        let features: Vec<String> = (0..8).map(|k| value(k).to_string()).collect();
        format!("{},{}\n", features.join(","), n % 2)
    };
    (0..150).map(row).collect()
}
