//! Is it the module that it should be, do its memories hold what is written, does it compute what the
//! reference computes?

use deku_ref::{LayerConfig, NetworkConfig, TrainConfig, Xorshift32};
use serde_json::json;

use super::bench::Bench;
use super::Found;

/// Greatest latent.
const LATENT_MAX: u8 = 191;
/// Words of 32 columns behind an input: more would not fit beside the masks everywhere.
const MOST_WORDS: usize = 4;

/// `deku info`: the module answers, and is generated from the file's configuration.
pub fn identity(bench: &Bench<'_>) -> Result<Found, String> {
    let info = bench.deku(&["info", "--backend", &bench.dut.backend])?;
    let expected = format!("{:08x}", bench.module.hash());
    let same = info["config_hash"] == expected.as_str();
    let name = &bench.module.name;
    let what = match same {
        true => format!("it is a {name}, clock {} Hz", info["clock_hz"]),
        false => {
            format!("its configuration is {}, that of {name} is {expected}", info["config_hash"])
        }
    };
    Ok(Found::judged(same, what, info))
}

/// Latents are written over (nearly) all of the weight memory and read back, twice: the second time
/// each is another one.
pub fn memory(bench: &Bench<'_>) -> Result<Found, String> {
    let mut hardware = bench.connect()?;
    let capacity = bench.module.capacity();
    let inputs = capacity.words.min(capacity.inputs).min(capacity.list_entries);
    let words = (capacity.words / inputs).clamp(1, MOST_WORDS.min(capacity.mask_words));
    let (inputs, columns) = (inputs as u16, (words * 32) as u16);
    let layer = LayerConfig { inputs: inputs.into(), columns: columns.into(), shift: 1 };
    let network = NetworkConfig::new(&[layer], 1).map_err(|e| e.to_string())?;
    let driver = &mut hardware.driver;
    driver.configure(&network, &TrainConfig::IMAGES).map_err(|e| e.to_string())?;
    let count = usize::from(inputs) * usize::from(columns);
    let mut random = Xorshift32::derived(1);
    let first: Vec<u8> =
        (0..count).map(|_| (random.next() % (u32::from(LATENT_MAX) + 1)) as u8).collect();
    let second: Vec<u8> = first.iter().map(|latent| LATENT_MAX - latent).collect();
    let mut wrong = 0;
    for pattern in [&first, &second] {
        driver.load_latents(0, pattern).map_err(|e| e.to_string())?;
        let mut read = vec![0; count];
        driver.read_latents(0, &mut read).map_err(|e| e.to_string())?;
        wrong += pattern.iter().zip(&read).filter(|(a, b)| a != b).count();
    }
    let all = capacity.words * 32;
    let what = format!("{count} of {all} latents written and read back twice, {wrong} wrong");
    Ok(Found::judged(wrong == 0, what, json!({ "latents": count, "all": all, "wrong": wrong })))
}

/// `deku verify`: random networks, everything compared after each example.
pub fn lockstep(bench: &Bench<'_>) -> Result<Found, String> {
    let samples = bench.plan.samples.to_string();
    let arguments =
        ["verify", "--backend", &bench.dut.backend, "--samples", &samples, "--no-waveform"];
    let verified = bench.deku(&arguments)?;
    let what = format!(
        "no difference: {} examples one by one, {} in streams, {} networks",
        verified["samples"], verified["streamed"], verified["networks"]
    );
    Ok(Found::judged(verified["differences"] == 0, what, verified))
}
