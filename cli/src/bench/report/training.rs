//! Training runs in software.

use super::table::Table;
use super::Numbers;
use crate::bench::Training;

const TEXT: &str = "## Training runs

By the reference. Its rate is per second of one core's time on the machine that measured.

";

/// The section.
pub fn section(numbers: &Numbers) -> String {
    if numbers.trainings.is_empty() {
        return String::new();
    }
    let head = [
        "run",
        "epochs",
        "seeds",
        "accuracy after 1 epoch",
        "after all",
        "least to largest",
        "that update, first and last epoch",
        "reference, samples/s",
        "commit",
        "command",
    ];
    let mut table = Table::new(&head);
    numbers.trainings.iter().for_each(|(name, t)| table.row(&row(name, t)));
    format!("{TEXT}{}", table.text())
}

fn row(name: &str, t: &Training) -> Vec<String> {
    let percent = |p: Option<f64>| p.map_or("-".into(), |p| format!("{p:.2} %"));
    let spread = t.spread().map_or("-".into(), |(a, b)| format!("{a:.2} to {b:.2} %"));
    let epochs = t.runs.first().map(|run| &run.epochs);
    let ends = epochs.and_then(|e| Some((e.first()?, e.last()?)));
    let updated = ends.map(|(a, b)| (a.work.updated_percent(), b.work.updated_percent()));
    vec![
        format!("[{name}](bench/training/{name}.json)"),
        t.recipe.epochs.to_string(),
        t.runs.len().to_string(),
        percent(t.accuracy(1)),
        percent(t.accuracy(t.recipe.epochs)),
        spread,
        updated.map_or("-".into(), |(a, b)| format!("{a:.1} %, {b:.1} %")),
        format!("{:.0}", t.reference_samples_per_second),
        t.commit.clone(),
        format!("`{}`", t.command),
    ]
}
