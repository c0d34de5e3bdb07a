//! `deku info`: what a model file holds, or what a module can do.

use std::path::{Path, PathBuf};

use deku_ref::Capabilities;
use serde_json::json;

use crate::args::BackendArgs;
use crate::backend::Backend;
use crate::checkpoint::{arguments, Checkpoint, RunState};
use crate::error::Result;
use crate::output::Output;

/// Show what a model file holds, or what a module can do.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model file
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    backend: BackendArgs,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    match &args.model {
        Some(path) => model(path, output),
        None => module(&args.backend, output),
    }
}

fn model(path: &Path, output: Output) -> Result<()> {
    let (model, run) = Checkpoint::read_any(path)?;
    let s = &model.settings;
    output.say(format!("network      {}", s.network_config()?));
    output.say(format!(
        "phase        {:?}, tau 2^{}, SH0 {}, seed {}",
        s.phase, s.rule.temperature, s.rule.first_shift, s.rule.seed
    ));
    let planned = s.plan.planned.map_or("no planned end".into(), |p| format!("{p} planned"));
    output.say(format!("trained      {} samples seen, {planned}", s.plan.seen));
    if let Some(run) = &run {
        output.say(describe(run, path));
    }
    for (n, layer) in model.layers.iter().enumerate() {
        let shares = trit_shares(&layer.latents);
        output.say(format!(
            "layer {n}      S {}, weights -1 {} %, 0 {} %, +1 {} %",
            s.shifts[n], shares[0], shares[1], shares[2]
        ));
    }
    let weights: Vec<_> = model.layers.iter().map(|l| trit_shares(&l.latents)).collect();
    output.summary("info", json!({ "settings": s, "weights_percent": weights, "run": run }));
    Ok(())
}

/// A checkpoint's run.
fn describe(run: &RunState, path: &Path) -> String {
    let (done, samples) = (run.standing.done, run.samples);
    let options: Vec<String> = arguments(&run.options).collect();
    let next = if run.finished() {
        "it is finished".into()
    } else {
        format!("goes on with `deku train --resume {}`", path.display())
    };
    format!("run          {done} of {samples} samples, {next}\noptions      {}", options.join(" "))
}

/// Percentages of the weights -1, 0 and +1.
fn trit_shares(latents: &[u8]) -> [u64; 3] {
    [0, 1, 2].map(|trit| {
        let count = latents.iter().filter(|&&l| l >> 6 == trit).count() as u64;
        (200 * count + latents.len() as u64) / (2 * latents.len().max(1) as u64)
    })
}

fn module(backend: &BackendArgs, output: Output) -> Result<()> {
    let c = Backend::open(backend, output)?.capabilities()?;
    show(&c, output);
    let m = &c.capacity;
    output.summary(
        "info",
        json!({
            "words": m.words,
            "latents": m.words * 32,
            "mask_words": m.mask_words,
            "code_words": m.code_words,
            "list_entries": m.list_entries,
            "results": m.results,
            "max_classes": m.max_classes,
            "max_layers": m.max_layers,
            "forward_lanes": c.forward_lanes,
            "update_lanes": c.update_lanes,
            "spi": c.spi,
            "uart": c.uart,
            "clock_hz": c.clock_hz,
            "board": c.board,
            "map_version": c.map_version,
            "map_hash": format!("{:08x}", c.map_hash),
            "config_hash": format!("{:08x}", c.config_hash),
        }),
    );
    Ok(())
}

/// For people.
pub fn show(c: &Capabilities, output: Output) {
    let m = &c.capacity;
    output.say(format!("latents      {} in {} words of 32 columns", m.words * 32, m.words));
    output.say(format!("lanes        {} forward, {} update", c.forward_lanes, c.update_lanes));
    output.say(format!(
        "limits       {} layers, {} classes, {} mask words, {} activation words",
        m.max_layers, m.max_classes, m.mask_words, m.code_words
    ));
    output.say(format!("queue        {} list entries, {} results", m.list_entries, m.results));
    output.say(format!(
        "clock        {} Hz, links: SPI {}, UART {}",
        c.clock_hz,
        yes(c.spi),
        yes(c.uart)
    ));
    output.say(format!(
        "identity     map version {} hash {:08x}, configuration hash {:08x}, board {}",
        c.map_version, c.map_hash, c.config_hash, c.board
    ));
}

fn yes(there: bool) -> &'static str {
    if there {
        "yes"
    } else {
        "no"
    }
}
