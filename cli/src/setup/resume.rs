//! A saved model goes on.

use super::{check_images, planned, small, until};
use crate::args::{NetworkArgs, RunArgs, Switch};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::{Host, Model, Plan};

/// An existing model that goes on; and the samples to train on.
pub fn resume(
    mut model: Model,
    network: &NetworkArgs,
    run: &RunArgs,
    data: &Dataset,
) -> Result<(Model, u64)> {
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
        Some((option, _)) => Err(Error::usage(
            "train/fixed-by-model",
            format!("{option} cannot be changed for a model that exists"),
        )
        .cause("weights, masks and generators of the model were made for what it says")
        .fix(format!("leave out {option}, or leave out --model to begin anew"))),
    }
}
