//! Models as safetensors files. See docs/cli.md, "Model files".
//!
//! One metadata key `deku` holds `{"format":"deku-model","version":1,"settings":{...}}`, so that
//! the same model is the same bytes. Tensors, all U8: `layer<n>.latents` [inputs, columns],
//! `layer<n>.masks` [classes, columns] and `checksum` [32], the SHA-256 of the value of the
//! metadata key followed by the data of the other tensors in the order of their names.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Model, Settings, Weights};
use crate::error::{Error, Result};
use crate::files::write_atomically;

const KEY: &str = "deku";
const FORMAT: &str = "deku-model";
const VERSION: u32 = 1;
const CHECKSUM: &str = "checksum";
/// Four layers of 2730 x 1820 latents with masks stay below this.
const MAX_BYTES: u64 = 32 << 20;
/// The order of so many samples can be found again in minutes.
const MAX_DRAWN: u64 = 10_000_000_000;
const MAX_LATENT: u8 = deku_ref::Latent::MAX;

#[derive(Serialize, Deserialize)]
struct Header<S> {
    format: String,
    version: u32,
    settings: S,
    /// What a checkpoint holds besides: where its run stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    run: Option<Value>,
}

impl Model {
    /// The bytes of the file.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.to_bytes_with(None)
    }

    /// The bytes of a file that also says where a run stands.
    pub fn to_bytes_with(&self, run: Option<Value>) -> Result<Vec<u8>> {
        let header =
            Header { format: FORMAT.into(), version: VERSION, settings: &self.settings, run };
        let header = serde_json::to_string(&header).map_err(|e| damaged(&e.to_string()))?;
        let network = self.settings.network_config()?;
        let mut tensors = Vec::new();
        for (n, (weights, layer)) in self.layers.iter().zip(network.layers()).enumerate() {
            tensors.push((latents_name(n), vec![layer.inputs, layer.columns], &weights.latents));
            if !weights.masks.is_empty() {
                let shape = vec![network.classes(), layer.columns];
                tensors.push((masks_name(n), shape, &weights.masks));
            }
        }
        let sum = checksum(&header, tensors.iter().map(|(_, _, data)| data.as_slice()));
        let sum = sum.to_vec();
        tensors.push((CHECKSUM.into(), vec![sum.len()], &sum));
        let views = tensors
            .into_iter()
            .map(|(name, shape, data)| Ok((name, TensorView::new(Dtype::U8, shape, data)?)))
            .collect::<std::result::Result<Vec<_>, safetensors::SafeTensorError>>();
        views
            .and_then(|v| safetensors::serialize(v, Some(HashMap::from([(KEY.into(), header)]))))
            .map_err(|e| damaged(&e.to_string()))
    }

    /// Reads the bytes of a file, checking everything.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self::from_bytes_with(bytes)?.0)
    }

    /// Also what the file says of a run; that is checked by the one who goes on with it.
    pub fn from_bytes_with(bytes: &[u8]) -> Result<(Self, Option<Value>)> {
        let (_, metadata) =
            SafeTensors::read_metadata(bytes).map_err(|e| damaged(&e.to_string()))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| damaged(&e.to_string()))?;
        let header = metadata.metadata().as_ref().and_then(|m| m.get(KEY)).ok_or_else(foreign)?;
        let (settings, run) = parse_header(header)?;
        check_sum(header, &tensors)?;
        let layers = read_layers(&settings, &tensors)?;
        let model = Self { settings, layers };
        model.check()?;
        Ok((model, run))
    }

    /// Writes the file; an existing one is replaced only when all of it was written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_atomically(path, &self.to_bytes()?)
    }

    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self::read_with(path)?.0)
    }

    /// Also what the file says of a run.
    pub fn read_with(path: &Path) -> Result<(Self, Option<Value>)> {
        let file = std::fs::File::open(path).map_err(|e| Error::io(path, "open", &e))?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::io(path, "read", &e))?;
        let outcome = if bytes.len() as u64 > MAX_BYTES {
            Err(damaged(&format!("it is larger than {MAX_BYTES} bytes")))
        } else {
            Self::from_bytes_with(&bytes)
        };
        outcome.map_err(|mut e| {
            e.what = format!("cannot use the model `{}`: {}", path.display(), e.what);
            e
        })
    }

    fn check(&self) -> Result<()> {
        let s = &self.settings;
        if s.rival_state == 0 || s.round_state == 0 || s.host.start == 0 || s.host.state == 0 {
            return Err(damaged("a generator state is 0"));
        }
        if s.host.samples == 0 && s.host.drawn > 0 {
            return Err(damaged("samples were drawn from an empty set"));
        }
        if s.host.drawn > MAX_DRAWN {
            return Err(damaged("it claims to have seen more samples than anybody has time for"));
        }
        if s.scaling.as_ref().is_some_and(|scaling| !scaling.suits(s.inputs)) {
            return Err(damaged("its scaling is not that of its inputs"));
        }
        s.train_config()?;
        s.schedule()?;
        Ok(())
    }
}

fn latents_name(layer: usize) -> String {
    format!("layer{layer}.latents")
}

fn masks_name(layer: usize) -> String {
    format!("layer{layer}.masks")
}

fn checksum<'a>(header: &str, tensors: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(header);
    tensors.for_each(|data| sha.update(data));
    sha.finalize().into()
}

fn check_sum(header: &str, tensors: &SafeTensors<'_>) -> Result<()> {
    let mut all = tensors.tensors();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let stored = all.iter().find(|(name, _)| name == CHECKSUM).map(|(_, t)| t.data().to_vec());
    let data = all.iter().filter(|(name, _)| name != CHECKSUM).map(|(_, t)| t.data());
    match stored {
        None => Err(damaged("the tensor `checksum` is missing")),
        Some(sum) if sum == checksum(header, data) => Ok(()),
        Some(_) => Err(damaged("the checksum does not match the contents")),
    }
}

fn parse_header(header: &str) -> Result<(Settings, Option<Value>)> {
    let header: Header<Value> = serde_json::from_str(header)
        .map_err(|e| damaged(&format!("its settings are no JSON: {e}")))?;
    if header.format != FORMAT {
        return Err(foreign());
    }
    if header.version != VERSION {
        return Err(Error::input(
            "model/version",
            format!(
                "it has format version {}, this program reads version {VERSION}",
                header.version
            ),
        )
        .cause("it was written by another version of deku")
        .fix("use the version that wrote it, or train again"));
    }
    let settings = serde_json::from_value(header.settings)
        .map_err(|e| damaged(&format!("its settings: {e}")))?;
    Ok((settings, header.run))
}

fn read_layers(settings: &Settings, tensors: &SafeTensors<'_>) -> Result<Vec<Weights>> {
    let network = settings.network_config().map_err(|e| damaged(&e.what))?;
    let mut expected = 1;
    let mut layers = Vec::new();
    for (n, layer) in network.layers().iter().enumerate() {
        let latents = tensor(tensors, &latents_name(n), [layer.inputs, layer.columns], MAX_LATENT)?;
        let masks = if settings.has_masks() {
            tensor(tensors, &masks_name(n), [network.classes(), layer.columns], 1)?
        } else {
            Vec::new()
        };
        expected += 1 + usize::from(!masks.is_empty());
        layers.push(Weights { latents, masks });
    }
    if tensors.len() != expected {
        return Err(damaged(&format!("it has {} tensors instead of {expected}", tensors.len())));
    }
    Ok(layers)
}

fn tensor(all: &SafeTensors<'_>, name: &str, shape: [usize; 2], max: u8) -> Result<Vec<u8>> {
    let found =
        all.tensor(name).map_err(|_| damaged(&format!("the tensor `{name}` is missing")))?;
    if found.dtype() != Dtype::U8 || found.shape() != shape {
        return Err(damaged(&format!(
            "the tensor `{name}` is {:?} {:?} instead of U8 {shape:?}",
            found.dtype(),
            found.shape()
        )));
    }
    if let Some(at) = found.data().iter().position(|&v| v > max) {
        let value = found.data()[at];
        return Err(damaged(&format!(
            "`{name}` holds {value} at [{}, {}], more than {max}",
            at / shape[1],
            at % shape[1]
        )));
    }
    Ok(found.data().to_vec())
}

fn damaged(text: &str) -> Error {
    Error::input("model/damaged", text)
        .cause("the file was cut off, damaged, or changed by another program")
        .fix("take a backup, or train again with `deku train --out FILE`")
}

fn foreign() -> Error {
    Error::input("model/foreign", "it is not a Deku model")
        .cause("it is a safetensors file of another program")
        .fix("make one with `deku train --out FILE`")
}
