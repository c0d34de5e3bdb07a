//! What modules learn, how fast, and how well.

use deku_rtlgen::board::{Board, BUILTIN};
use deku_rtlgen::config::ModuleConfig;

use super::table::Table;
use super::Numbers;
use crate::bench::{Average, Mean, Plan, Planned, Record};

const HEAD: [&str; 12] = [
    "data",
    "network",
    "memory",
    "cycles per sample, trained",
    "inferred",
    "weight port needs, trained",
    "inferred",
    "trained per second, engine",
    "with the link",
    "inferred per second, engine",
    "with the link",
    "accuracy after 1 epoch / all",
];

fn text(plan: &Plan) -> String {
    format!(
        "## Networks on each board\n\nMeans over a training run of {} epochs: what each epoch asks for is counted by the reference, the \
         simulated module was measured at the beginnings of the epochs {:?} (below) and on {} test samples. Cycles of forward passes are \
         proportional to the words of 32 columns that are read, those of updates to the words that are written, the rest to the samples; \
         the time with the link is interpolated between the measured parts by the words that are written per sample. The section on the \
         measured parts says how far that is off. After every part latents and generators were those of the reference, \
         and inference gave the same classes and goodness. The *weight port* needs one access per non-zero row and word in a forward pass and eight (four planes \
         read, four written) in an update: its share of all cycles is how near the engine comes to the limit of its memory. The link is SPI. \
         Accuracy on the test samples: medians of {} seeds, in software, which computes the same bits.\n",
        plan.epochs,
        plan.measured_epochs,
        plan.inferred,
        plan.seeds.len()
    )
}

/// The section.
pub fn section(numbers: &Numbers) -> String {
    let Some(plan) = &numbers.plan else { return String::new() };
    let mut section = text(plan);
    for name in &plan.configurations {
        let Ok(config) = ModuleConfig::load(name) else { continue };
        section += &format!("\n### {name}: {}\n\n", boards(&config));
        let mut table = Table::new(&HEAD);
        for network in plan.networks.iter().filter(|n| n.concerns(&config)) {
            table.row(&row(numbers, &config, network));
        }
        section += &table.text();
    }
    section
}

/// The boards of a configuration.
fn boards(config: &ModuleConfig) -> String {
    let all = BUILTIN.iter().filter_map(|(name, _)| Board::builtin(name).ok());
    let own: Vec<_> = all.filter(|b| b.config == config.name).map(|b| b.title).collect();
    let clock = f64::from(config.clock_hz) / 1e6;
    match own.is_empty() {
        true => format!("no board, simulated at {clock} MHz"),
        false => format!("{} at {clock} MHz", own.join("; ")),
    }
}

fn row(numbers: &Numbers, config: &ModuleConfig, network: &Planned) -> Vec<String> {
    let mut cells = vec![network.title.clone()];
    let columns = match network.columns(config) {
        Ok(columns) => columns,
        Err(error) => {
            cells.push(format!("does not fit: {}", error.what));
            return cells;
        }
    };
    cells.push(format!("{}-{columns}", network.inputs));
    let name = network.measurement(config, columns);
    let training = network.training(columns);
    let training = numbers.trainings.iter().find(|(n, _)| *n == training).map(|(_, t)| t);
    let accuracy = training.and_then(|t| {
        Some(format!("{:.2} / {:.2} %", t.accuracy(1)?, t.accuracy(t.recipe.epochs)?))
    });
    let accuracy = accuracy.unwrap_or("not measured".into());
    let words = network.inputs * columns.div_ceil(32);
    let measured = numbers.record(&name).and_then(|r| Some((r, numbers.average(r)?)));
    match measured {
        Some((record, average)) => {
            cells.push(format!("{} %", 100 * words / config.words as usize));
            cells.extend(rates(record, &average));
        }
        None => {
            cells.push("not measured".into());
            cells.resize(HEAD.len() - 1, String::new());
        }
    }
    cells.push(accuracy);
    cells
}

fn rates(record: &Record, average: &Average) -> Vec<String> {
    let trained = &average.mean;
    let inferred = record.inference.as_ref().and_then(|s| Mean::of(record, s));
    let of = |f: &dyn Fn(&Mean) -> String| inferred.as_ref().map_or("-".into(), f);
    let timing = &record.timing;
    vec![
        format!("{:.0}", trained.cycles()),
        of(&|m| format!("{:.0}", m.cycles())),
        format!("{:.1} %", trained.port_share()),
        of(&|m| format!("{:.1} %", m.port_share())),
        format!("{:.0}", trained.engine(timing)),
        format!("{:.0}", trained.with_link()),
        of(&|m| format!("{:.0}", m.engine(timing))),
        of(&|m| format!("{:.0}", m.with_link())),
    ]
}
