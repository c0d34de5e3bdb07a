//! `--backend`: which module a command talks to.

mod device;

pub use device::{Device, Lines, OpenLines, Opened, Settings};

use deku_ref::reference::Reference;
use deku_ref::{ConfigError, LayerConfig, NetworkConfig, NetworkError, OwnedMemory, TrainConfig};

use crate::args::BackendArgs;
use crate::error::{Error, Result};
use crate::hardware::Hardware;
use crate::model::Model;
use crate::output::Output;
use crate::session::{Batched, Session};

/// The reference with memories on the heap.
pub type Software = Reference<OwnedMemory>;

/// A parsed `--backend`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The reference model.
    Reference,
    /// The reference behind the driver and its frames, as large as this configuration.
    Model(String),
    /// A simulated module of this configuration.
    Simulator(String),
    /// A module on a device of this computer.
    Device(Device),
}

/// Configuration if none is named.
const DEFAULT_CONFIGURATION: &str = "up5k";

impl Backend {
    /// Parses `ref`, `model[:CONFIG]`, `sim[:CONFIG]`, `spi:DEVICE`, `serial:DEVICE` or `usb:SERIAL`.
    pub fn parse(text: &str) -> Result<Self> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, DEFAULT_CONFIGURATION));
        match kind {
            "ref" if text == kind => Ok(Self::Reference),
            "model" => Ok(Self::Model(rest.into())),
            "sim" => Ok(Self::Simulator(rest.into())),
            "spi" if text != kind => Ok(Self::Device(Device::spi(rest)?)),
            "serial" if text != kind => Ok(Self::Device(Device::serial(rest)?)),
            #[cfg(feature = "usb")]
            "usb" if text != kind => Ok(Self::Device(Device::usb(rest)?)),
            #[cfg(not(feature = "usb"))]
            "usb" => Err(Error::usage("usb/not-built", "this deku was built without USB")
                .cause("it was built with --no-default-features")
                .fix("build it with --features usb; serial ports on USB are --backend serial:/dev/ttyUSB1")),
            _ => Err(Error::usage("backend/unknown", format!("there is no backend `{text}`"))
                .cause("--backend takes ref, sim[:CONFIG], model[:CONFIG], spi:DEVICE, serial:DEVICE or usb:SERIAL")
                .fix("`deku configs` lists the configurations")),
        }
    }

    /// Starts the module; nothing is loaded yet.
    pub fn open(args: &BackendArgs, output: Output) -> Result<Box<dyn Session>> {
        match Self::parse(&args.backend)? {
            Self::Reference => Ok(Box::new(Batched::software(empty_reference()?))),
            _ => Self::hardware(args, output).map(Hardware::into_session),
        }
    }

    /// Starts a module behind a link.
    pub fn hardware(args: &BackendArgs, output: Output) -> Result<Hardware> {
        match Self::parse(&args.backend)? {
            Self::Model(configuration) => Hardware::model(&configuration, args),
            Self::Simulator(configuration) => Hardware::simulated(&configuration, args, output),
            Self::Device(device) => Hardware::device(&device, args, output),
            Self::Reference => Err(Error::usage("backend/no-link", "the reference has no link")
                .cause("this command compares or measures a module behind a link")
                .fix("use --backend sim, sim:CONFIG, model:CONFIG, spi:DEVICE, serial:DEVICE or usb:SERIAL")),
        }
    }
}

/// The reference with the latents and masks of a model.
pub fn reference(model: &Model) -> Result<Software> {
    let mut session = Batched::software(empty_reference()?);
    session.load(model)?;
    Ok(session.into_module())
}

/// The reference with a network of one column, to be configured.
pub fn empty_reference() -> Result<Software> {
    let layer = LayerConfig { inputs: 1, columns: 1, shift: 0 };
    Ok(Reference::new(&NetworkConfig::new(&[layer], 1)?, &TrainConfig::IMAGES)?)
}

impl From<NetworkError> for Error {
    fn from(error: NetworkError) -> Self {
        sentence("network/refused", &error.to_string())
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        sentence("config/range", &error.to_string())
    }
}

/// Splits a message of the reference, `what: fix`, into its parts.
fn sentence(code: &'static str, text: &str) -> Error {
    let (what, fix) = text.split_once(": ").unwrap_or((text, "choose other numbers"));
    Error::usage(code, what)
        .cause("a number of the command line, the data or the model is not legal")
        .fix(fix)
}
