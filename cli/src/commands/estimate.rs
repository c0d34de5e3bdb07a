//! `deku estimate`: area and rate of a configuration, without tools.

use deku_ref::NetworkConfig;
use deku_rtlgen::config::ModuleConfig;
use serde_json::{json, Value};

use crate::build::board;
use crate::error::{Error, Result};
use crate::estimate::{link, network, Estimate, Rates, Work};
use crate::output::Output;

/// Configuration if neither it nor a board is named.
const CONFIG: &str = "up5k";
/// Share of the columns of a hidden layer that are taken not to be silent.
const HIDDEN: f64 = 0.5;

/// Predict area and rate of a configuration, without tools.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A name of `deku configs`, or a .toml file [default: that of the board, else up5k]
    #[arg(long)]
    config: Option<String>,
    /// A name of `deku boards`, or a .toml file; what it cannot hold is refused
    #[arg(long)]
    board: Option<String>,
    /// Inputs and columns of each layer, e.g. 784-160: also predict its rate
    #[arg(long, value_name = "N-N")]
    network: Option<String>,
    /// Classes of the network
    #[arg(long, value_name = "N", default_value_t = 10)]
    classes: usize,
    /// Mean number of non-zero inputs of a sample [default: a fifth of the inputs, as in pictures of digits]
    #[arg(long, value_name = "N")]
    active: Option<usize>,
    /// Percent of the samples that update; 12 is a first epoch, 3 the mean of twenty
    #[arg(long, value_name = "PERCENT", default_value_t = 12, value_parser = clap::value_parser!(u8).range(0..=100))]
    updated: u8,
    /// SPI clock
    #[arg(long, value_name = "HZ", default_value_t = 31_250_000)]
    sck_hz: u64,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let board = args.board.as_deref().map(board).transpose()?;
    let of_board = board.as_ref().map(|b| b.config.as_str());
    let config = ModuleConfig::load(args.config.as_deref().or(of_board).unwrap_or(CONFIG))?;
    let rate = args.network.as_ref().map(|text| rate(args, text, &config)).transpose()?;
    let estimate = Estimate::of(config, board)?;
    estimate.show(output);
    let mut summary = estimate.json();
    if let Some(rate) = rate {
        rate.show(output);
        summary["rate"] = rate.json();
    } else {
        summary["rate"] = Value::Null;
    }
    output.summary("estimate", summary);
    Ok(())
}

/// Rates and what they hold for.
struct Rate {
    network: NetworkConfig,
    work: Work,
    sck_hz: u64,
    rates: Rates,
}

fn rate(args: &Args, text: &str, config: &ModuleConfig) -> Result<Rate> {
    let network = network(text, args.classes, config)?;
    let inputs = network.record_inputs();
    let active = args.active.unwrap_or_else(|| inputs.div_ceil(5));
    if active > inputs {
        return Err(Error::usage("estimate/network", format!("{active} of {inputs} inputs"))
            .cause("--active counts the inputs of a sample that are not 0")
            .fix(format!("give at most {inputs}")));
    }
    let updated = f64::from(args.updated) / 100.0;
    let work = Work { active: active as f64, hidden: HIDDEN, updated };
    let link = link(args.sck_hz, u64::from(config.clock_hz))?;
    let rates = Rates::of(config, &network, work, &link);
    Ok(Rate { network, work, sck_hz: args.sck_hz, rates })
}

impl Rate {
    fn json(&self) -> Value {
        let r = &self.rates;
        json!({
            "network": self.network.to_string(),
            "active": self.work.active,
            "updated_percent": self.percent(),
            "sck_hz": self.sck_hz,
            "forward_cycles": r.forward_cycles.round(),
            "draw_cycles": r.draw_cycles.round(),
            "update_cycles": r.update_cycles.round(),
            "port_minimum_cycles": r.port_minimum.round(),
            "engine_train": r.engine_train().round(),
            "engine_infer": r.engine_infer().round(),
            "link": r.link.round(),
            "train": r.train().round(),
            "infer": r.infer().round(),
        })
    }

    fn show(&self, output: Output) {
        let r = &self.rates;
        output.heading(format!("{}, estimated samples per second", self.network));
        output.say(format!(
            "training        {:>6.0}   engine alone {:.0}, link alone {:.0}",
            r.train(),
            r.engine_train(),
            r.link
        ));
        output.say(format!(
            "inference       {:>6.0}   engine alone {:.0}",
            r.infer(),
            r.engine_infer()
        ));
        let cycles = r.forward_cycles + r.draw_cycles + r.update_cycles;
        output.say(format!(
            "cycles          {cycles:>6.0}   of them {:.0} % the minimum of the weight port",
            100.0 * r.port_minimum / cycles
        ));
        output.say(format!(
            "taken for that  {} inputs not 0, {:.0} % of the samples update, SCK {:.2} MHz",
            self.work.active,
            self.percent(),
            self.sck_hz as f64 / 1e6
        ));
        if self.network.layers().len() > 1 {
            output.say(
                "                half the columns of each hidden layer not silent: not measured",
            );
        }
    }

    fn percent(&self) -> f64 {
        (100.0 * self.work.updated).round()
    }
}
