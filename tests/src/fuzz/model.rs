//! The first byte chooses: the rest is a file as it is, or it is the metadata of a model (up to a
//! zero byte) followed by bytes for its tensors, from which a file with a right checksum is made -
//! a fuzzer would not find one.

use deku_cli::backend;
use deku_cli::checkpoint::Checkpoint;
use deku_cli::model::{Model, Settings};
use deku_ref::NetworkConfig;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{check_error, scratch, Seen};

/// Larger tensors are not made.
const MOST: usize = 1 << 20;

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let Some((kind, rest)) = data.split_first() else { return };
    let file = if kind % 2 == 0 { Some(rest.to_vec()) } else { sealed(rest) };
    let Some(file) = file else { return };
    match Checkpoint::read_any(&scratch::write("model.safetensors", &file)) {
        Ok((model, _)) => usable(&model),
        Err(error) => check_error(&error),
    }
}

/// What was accepted can be written, read and computed with.
fn usable(model: &Model) {
    let bytes = model.to_bytes().expect("it can be written");
    assert_eq!(Model::from_bytes(&bytes).expect("it can be read again"), *model);
    if let Some(scaling) = &model.settings.scaling {
        let lengths = [scaling.min.len(), scaling.max.len()];
        assert_eq!(lengths, [model.settings.inputs; 2], "a scaling of other inputs");
    }
    let mut reference = backend::reference(model).unwrap_or_else(|e| panic!("{e}"));
    reference.network_mut().score(&[]).unwrap_or_else(|e| panic!("{e}"));
}

/// A file with this metadata and a right checksum.
fn sealed(data: &[u8]) -> Option<Vec<u8>> {
    let (header, contents) = data.split_at(data.iter().position(|byte| *byte == 0)?);
    let header = std::str::from_utf8(header).ok()?;
    let tensors = tensors(header, &contents[1..]);
    let mut sha = Sha256::new();
    sha.update(header);
    tensors.iter().for_each(|(_, _, data)| sha.update(data));
    let checksum = ("checksum".to_owned(), vec![32], sha.finalize().to_vec());
    let all = tensors.iter().chain([&checksum]);
    let views = all.map(|(name, shape, data)| {
        Some((name.clone(), TensorView::new(Dtype::U8, shape.clone(), data).ok()?))
    });
    let metadata = [("deku".to_owned(), header.to_owned())].into();
    safetensors::serialize(views.collect::<Option<Vec<_>>>()?, Some(metadata)).ok()
}

type Tensor = (String, Vec<usize>, Vec<u8>);

/// The tensors that the metadata promise, in the order of their names.
fn tensors(header: &str, contents: &[u8]) -> Vec<Tensor> {
    let Some((settings, network)) = network(header) else { return Vec::new() };
    let mut tensors = Vec::new();
    for (n, layer) in network.layers().iter().enumerate() {
        let mut add = |name: &str, rows: usize, most: u8| {
            let data = (0..rows * layer.columns)
                .map(|at| contents.get(at % contents.len().max(1)).map_or(0, |b| b % (most + 1)));
            let shape = vec![rows, layer.columns];
            tensors.push((format!("layer{n}.{name}"), shape, data.collect::<Vec<u8>>()));
        };
        add("latents", layer.inputs, deku_ref::Latent::MAX);
        if settings.has_masks() {
            add("masks", network.classes(), 1);
        }
    }
    tensors
}

/// Settings and shape of a network that is not too large.
fn network(header: &str) -> Option<(Settings, NetworkConfig)> {
    let header: Value = serde_json::from_str(header).ok()?;
    let settings: Settings = serde_json::from_value(header.get("settings")?.clone()).ok()?;
    let network = settings.network_config().ok()?;
    let bytes = network.latents() + network.classes() * network.columns();
    (bytes <= MOST).then_some((settings, network))
}
