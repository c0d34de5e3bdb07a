//! From the command line to settings: defaults of a new model, and what may change when an
//! existing one goes on.

use deku_ref::init::{host_stream, rival_stream, rounding_stream};
use deku_ref::masks::{SHARE_FEW, SHARE_MANY};
use deku_ref::{Entry, TrainConfig};

use crate::args::{NetworkArgs, OrderArg, RunArgs, Switch};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::{Host, Masks, Model, Phase, Plan, Rule, Settings};

/// Label rows per class where the phase needs them.
const COPIES: usize = 16;
/// Classes from which on a class owns half of the columns.
const MANY_CLASSES: usize = 32;
/// Samples that S and theta are calibrated on.
const CALIBRATION: usize = deku_ref::calibrate::SAMPLES as usize;

/// What suits a kind of data; chosen on validation samples (docs/cli.md, "Defaults").
struct Defaults {
    columns: usize,
    epochs: u32,
    drop: u8,
    shift: &'static str,
    rule: TrainConfig,
}

fn defaults(kind: &str) -> Defaults {
    let images = Defaults { columns: 512, epochs: 10, drop: 0, shift: "auto", rule: TrainConfig::IMAGES };
    let digits = TrainConfig { temperature: 6, first_shift: 3, ..TrainConfig::IMAGES };
    match kind {
        "digits" => Defaults { epochs: 60, drop: 20, shift: "3", rule: digits, ..images },
        "mnist14" => Defaults { columns: 640, ..images },
        "csv" => Defaults { columns: 256, epochs: 20, ..images },
        _ => images,
    }
}

/// A new model for this data, calibrated; and the samples to train on.
pub fn fresh(network: &NetworkArgs, run: &RunArgs, data: &Dataset) -> Result<(Model, u64)> {
    let defaults = defaults(&data.kind);
    let epochs = run.epochs.unwrap_or(defaults.epochs);
    let samples = u64::from(epochs) * data.train.len() as u64;
    let mut settings = settings(network, data, &defaults)?;
    settings.plan = Plan { planned: planned(run.schedule.as_deref(), samples)?, seen: 0 };
    let start = host_stream(settings.rule.seed).state();
    settings.host = host(run, data, &defaults, start);
    check_images(&settings.host, data)?;
    settings.schedule()?;
    settings.train_config()?;
    let mut model = Model::new(settings)?;
    scale(&mut model, network.shift.as_deref().unwrap_or(defaults.shift), data)?;
    if model.settings.phase == Phase::Single {
        model.settings.rule.theta = theta(&model, network.theta.as_deref().unwrap_or("auto"), data)?;
        model.settings.train_config()?;
    }
    Ok((model, until(run, samples)))
}

/// An existing model that goes on; and the samples to train on.
pub fn resume(mut model: Model, network: &NetworkArgs, run: &RunArgs, data: &Dataset) -> Result<(Model, u64)> {
    fixed_by_model(network)?;
    let settings = &mut model.settings;
    data.check_inputs(settings.inputs)?;
    let rule = &mut settings.rule;
    rule.temperature = small(network.tau_k, rule.temperature, "--tau-k")?;
    rule.first_shift = small(network.sh0, rule.first_shift, "--sh0")?;
    let old = settings.host.clone();
    let wanted = Host {
        order: run.order.unwrap_or(old.order),
        jitter: run.jitter.map_or(old.jitter, |s| s == Switch::On),
        drop: run.drop.unwrap_or(old.drop),
        samples: data.train.len(),
        data: data.train.hash(),
        ..old.clone()
    };
    check_images(&wanted, data)?;
    let continues = wanted == old;
    if !continues {
        settings.host = Host { start: old.state, drawn: 0, ..wanted };
    }
    let samples = plan_on(&mut settings.plan, run, data, continues)?;
    settings.schedule()?;
    settings.train_config()?;
    Ok((model, until(run, samples)))
}

/// Moves the plan on; returns the samples to train on.
fn plan_on(plan: &mut Plan, run: &RunArgs, data: &Dataset, continues: bool) -> Result<u64> {
    let asked = run.epochs.map(|e| u64::from(e) * data.train.len() as u64);
    let left = plan.planned.map_or(0, |p| p.saturating_sub(plan.seen));
    let samples = match asked {
        Some(samples) => samples,
        None if continues && left > 0 => left,
        None => {
            return Err(Error::usage("train/complete", "the model's plan is complete, or the data or their order are new: it is not clear how long to train")
                .cause(format!("{} samples were seen of {}", plan.seen, plan.planned.map_or("no planned end".into(), |p| format!("{p} planned"))))
                .fix("say how long with --epochs N (and --schedule auto to begin again with large steps)"))
        }
    };
    if let Some(schedule) = run.schedule.as_deref() {
        plan.planned = planned(Some(schedule), samples)?;
        if schedule == "auto" {
            plan.seen = 0;
        }
    } else if !continues {
        *plan = Plan { planned: plan.planned.map(|_| samples), seen: 0 };
    }
    Ok(samples)
}

fn until(run: &RunArgs, samples: u64) -> u64 {
    run.stop_after.map_or(samples, |n| n.min(samples))
}

fn settings(network: &NetworkArgs, data: &Dataset, defaults: &Defaults) -> Result<Settings> {
    let phase = network.phase.unwrap_or(if network.overlay.is_some() { Phase::Overlay } else { Phase::Labelled });
    let copies = match phase {
        Phase::Labelled if network.overlay.is_some() => {
            return Err(Error::usage("train/overlay", "--phase labelled has no label rows")
                .cause("--overlay puts the label into the input, the labelled phase does not need it there")
                .fix("leave out --overlay, or choose --phase overlay, pair or single"))
        }
        Phase::Labelled => 0,
        _ => network.overlay.unwrap_or(COPIES),
    };
    let constants = if copies > 0 { TrainConfig::OVERLAY } else { defaults.rule };
    let classes = network.classes.unwrap_or(data.classes);
    let columns = if network.columns.is_empty() { vec![defaults.columns] } else { network.columns.clone() };
    let seed = network.seed.unwrap_or(1);
    Ok(Settings {
        inputs: data.inputs,
        classes,
        shifts: vec![0; columns.len()],
        columns,
        copies,
        phase,
        masks: masks(network, classes)?,
        rule: Rule {
            seed,
            temperature: small(network.tau_k, constants.temperature, "--tau-k")?,
            first_shift: small(network.sh0, constants.first_shift, "--sh0")?,
            theta: 0,
        },
        rival_state: rival_stream(seed).state(),
        round_state: rounding_stream(seed).state(),
        plan: Plan::default(),
        host: Host { order: OrderArg::File, jitter: false, drop: 0, samples: 0, data: String::new(), start: 1, state: 1, drawn: 0 },
        scaling: data.scaling.clone(),
    })
}

fn masks(network: &NetworkArgs, classes: usize) -> Result<Masks> {
    let share = if classes < MANY_CLASSES { SHARE_FEW } else { SHARE_MANY };
    let group = small(network.mask_groups, 1, "--mask-groups")?;
    if group != 1 && group != 8 {
        return Err(Error::usage("train/mask-groups", format!("--mask-groups {group} does not exist"))
            .fix("use 1 (drawn per column) or 8 (balanced groups)"));
    }
    let share = network.mask_share.map_or(Ok(share), u16::try_from).unwrap_or(u16::MAX);
    Ok(Masks { share, group })
}

/// A number that must be a small one; larger ones than any legal value are named here.
fn small(given: Option<u32>, default: u8, option: &str) -> Result<u8> {
    given.map_or(Ok(default), |n| {
        u8::try_from(n).map_err(|_| Error::usage("config/range", format!("{option} {n} is out of range")).fix("see `deku train --help`"))
    })
}

fn host(run: &RunArgs, data: &Dataset, defaults: &Defaults, start: u32) -> Host {
    Host {
        order: run.order.unwrap_or(OrderArg::Shuffled),
        jitter: run.jitter == Some(Switch::On),
        drop: run.drop.unwrap_or(defaults.drop),
        samples: data.train.len(),
        data: data.train.hash(),
        start,
        state: start,
        drawn: 0,
    }
}

fn check_images(host: &Host, data: &Dataset) -> Result<()> {
    if host.jitter && data.side.is_none() {
        return Err(Error::usage("train/jitter", "--jitter shifts images, these samples are none")
            .cause("the features of a table have no neighbours")
            .fix("leave out --jitter; --drop works on any data"));
    }
    Ok(())
}

/// Samples planned: `auto`, `endless` or `planned:N`.
fn planned(schedule: Option<&str>, samples: u64) -> Result<Option<u64>> {
    match schedule {
        None | Some("auto") => Ok(Some(samples)),
        Some("endless") => Ok(None),
        Some(text) => text.strip_prefix("planned:").and_then(|n| n.parse().ok()).map(Some).ok_or_else(|| {
            Error::usage("train/schedule", format!("--schedule {text} does not exist"))
                .fix("use auto, endless, or planned:N with the number of samples of the whole training")
        }),
    }
}

fn fixed_by_model(n: &NetworkArgs) -> Result<()> {
    let given = [
        ("--columns", !n.columns.is_empty()),
        ("--classes", n.classes.is_some()),
        ("--mask-share", n.mask_share.is_some()),
        ("--mask-groups", n.mask_groups.is_some()),
        ("--shift", n.shift.is_some()),
        ("--phase", n.phase.is_some()),
        ("--overlay", n.overlay.is_some()),
        ("--theta", n.theta.is_some()),
        ("--seed", n.seed.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Error::usage("train/fixed-by-model", format!("{option} cannot be changed for a model that exists"))
            .cause("weights, masks and generators of the model were made for what it says")
            .fix(format!("leave out {option}, or leave out --model to begin anew"))),
    }
}

/// Sets S of every layer.
fn scale(model: &mut Model, shift: &str, data: &Dataset) -> Result<()> {
    let layers = model.settings.shifts.len();
    model.settings.shifts = if shift == "auto" {
        calibrated(model, data)?
    } else {
        let parts: Option<Vec<u8>> = shift.split(',').map(|p| p.parse().ok()).collect();
        match parts {
            Some(one) if one.len() == 1 => vec![one[0]; layers],
            Some(all) if all.len() == layers => all,
            _ => {
                return Err(Error::usage("train/shift", format!("--shift {shift} does not suit {layers} layers"))
                    .fix("use auto, one number from 0 to 15, or one for each layer, e.g. 5,4"))
            }
        }
    };
    model.settings.network_config().map(|_| ())
}

fn calibrated(model: &Model, data: &Dataset) -> Result<Vec<u8>> {
    let mut reference = crate::backend::reference(model)?;
    let lists: Vec<&[Entry]> = first_lists(data);
    let shifts = reference.network_mut().calibrate(data.side.is_some(), lists)?;
    let network = model.settings.network_config()?;
    Ok(shifts[..network.layers().len()].iter().map(|s| s.unwrap_or(0)).collect())
}

fn first_lists(data: &Dataset) -> Vec<&[Entry]> {
    (0..data.train.len()).map(|n| data.train.list(n)).collect()
}

/// Threshold of the single phase: the lower median goodness of true examples in layer 0.
fn theta(model: &Model, text: &str, data: &Dataset) -> Result<u32> {
    if text != "auto" {
        return text.parse().map_err(|_| {
            Error::usage("train/theta", format!("--theta {text} is no goodness")).fix("use auto, or a number from 0 to 1048575")
        });
    }
    let mut reference = crate::backend::reference(model)?;
    let mut all = Vec::new();
    let mut composer = crate::compose::Composer::new(&model.settings);
    for n in 0..data.train.len().min(CALIBRATION) {
        let label = data.train.label(n);
        let list = composer.with_rows(data.train.list(n), label);
        reference.network_mut().score(list)?;
        all.extend_from_slice(reference.network().goodness(0));
    }
    all.sort_unstable();
    Ok(all.get((all.len() - 1) / 2).copied().unwrap_or(0))
}
