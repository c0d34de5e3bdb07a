//! A module behind a link: the driver over frames, whatever carries them.

mod pty;
mod simulator;
mod spidev;
#[cfg(feature = "usb")]
mod usb;

use std::path::PathBuf;

use deku_driver::linux::{GpioInterrupt, GpioReset, SpiLink};
use deku_driver::{Deku, Interrupt, Options, Pace, SerialTransport, SpiTransport, Transport};
use deku_ref::reference::OwnedDevice;
use deku_ref::sample::Format;
use deku_rtlgen::config::{ConfigError, ModuleConfig, BUILTIN};
use deku_sim::{SimError, Simulator};
use serde::{Deserialize, Serialize};

use crate::args::{BackendArgs, FormatArg, LinkArg};
use crate::backend::{Device, OpenLines, Opened};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::output::Output;
use crate::session::{load_model, Batched, Clock, Session};

pub use pty::Pty;
pub use simulator::{write_verilog, Simulation};
pub use spidev::Spidev;

/// A link of any kind.
pub struct Link(Box<dyn Wire>);

/// How fast bits follow each other on a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speed {
    /// SCK of SPI, Hz.
    #[serde(rename = "sck_hz")]
    Sck(u32),
    /// Baud rate of a UART.
    #[serde(rename = "baud")]
    Baud(u32),
}

/// What knows its speed.
trait Speaks {
    /// None where nothing is sent over a wire.
    fn speed(&self) -> Option<Speed>;
}

/// A transport that knows its speed.
trait Wire: Transport<Error = LinkError> + Speaks {}

impl<T: Transport<Error = LinkError> + Speaks> Wire for T {}

impl Link {
    /// None where nothing is sent over a wire.
    #[must_use]
    pub fn speed(&self) -> Option<Speed> {
        self.0.speed()
    }
}

/// A link that failed on the host's side.
#[derive(Clone, PartialEq, Eq)]
pub enum LinkError {
    /// In its own words.
    Spoken(String),
    /// With everything that the user has to know.
    Explained(Box<Error>),
}

impl LinkError {
    pub(crate) fn new(text: &str) -> Self {
        Self::Spoken(text.into())
    }
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::fmt::Debug for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Spoken(text) => text,
            Self::Explained(error) => &error.what,
        })
    }
}

impl Transport for Link {
    type Error = LinkError;

    fn exchange(&mut self, frame: &mut [u8]) -> std::result::Result<(), LinkError> {
        self.0.exchange(frame)
    }

    fn max_frame(&self) -> usize {
        self.0.max_frame()
    }

    fn slow_down(&mut self) -> bool {
        self.0.slow_down()
    }
}

/// What Linux says of a device that was taken away: ENXIO, ENODEV, ESHUTDOWN.
const GONE: [&str; 3] = ["(os error 6)", "(os error 19)", "(os error 108)"];

/// A device that says when it is not there any more.
struct Named<T> {
    transport: T,
    path: PathBuf,
}

impl<T: Transport<Error = LinkError>> Transport for Named<T> {
    type Error = LinkError;

    fn exchange(&mut self, frame: &mut [u8]) -> std::result::Result<(), LinkError> {
        self.transport.exchange(frame).map_err(|error| {
            let LinkError::Spoken(error) = error else { return error };
            let path = self.path.display();
            // The node may go a moment after the device.
            let gone = !self.path.exists() || GONE.iter().any(|code| error.contains(code));
            LinkError::Spoken(match gone {
                false => format!("`{path}`: {error}"),
                true => format!(
                    "`{path}` is gone: the board was unplugged or has lost its power ({error})"
                ),
            })
        })
    }

    fn max_frame(&self) -> usize {
        self.transport.max_frame()
    }

    fn slow_down(&mut self) -> bool {
        self.transport.slow_down()
    }
}

impl<T: Speaks> Speaks for Named<T> {
    fn speed(&self) -> Option<Speed> {
        self.transport.speed()
    }
}

/// A bus whose clock can be lowered.
trait Clocked: Transport {
    /// SCK, Hz.
    fn hz(&self) -> u32;

    /// What the user has to know about an error.
    fn explain(error: Self::Error) -> LinkError;
}

impl Clocked for SpiLink {
    fn hz(&self) -> u32 {
        SpiLink::hz(self)
    }

    fn explain(error: Self::Error) -> LinkError {
        LinkError::Spoken(error.to_string())
    }
}

/// A bus that says when its clock is lowered.
struct Warning<L> {
    link: L,
    output: Output,
}

impl<L: Clocked> Transport for Warning<L> {
    type Error = LinkError;

    fn exchange(&mut self, frame: &mut [u8]) -> std::result::Result<(), LinkError> {
        self.link.exchange(frame).map_err(L::explain)
    }

    fn max_frame(&self) -> usize {
        self.link.max_frame()
    }

    fn slow_down(&mut self) -> bool {
        let slower = self.link.slow_down();
        if slower {
            let hz = self.link.hz();
            self.output.warn(
                "link/slower",
                format!("hardly any frame arrives unharmed: SCK is now {hz} Hz. Give hz={hz} from the start, or shorten the wires and check the ground connection"),
            );
        }
        slower
    }
}

impl<L: Clocked> Speaks for Warning<L> {
    fn speed(&self) -> Option<Speed> {
        Some(Speed::Sck(self.link.hz()))
    }
}

/// A transport with its errors as text, and its speed.
struct Spoken<T>(T, Option<Speed>);

impl<T> Speaks for Spoken<T> {
    fn speed(&self) -> Option<Speed> {
        self.1
    }
}

impl<T: Transport<Error: std::fmt::Display>> Transport for Spoken<T> {
    type Error = LinkError;

    fn exchange(&mut self, frame: &mut [u8]) -> std::result::Result<(), LinkError> {
        self.0.exchange(frame).map_err(|e| LinkError::Spoken(e.to_string()))
    }

    fn max_frame(&self) -> usize {
        self.0.max_frame()
    }
}

/// How the driver waits for a busy module: for its interrupt line, else it asks.
pub struct Waiting {
    interrupt: Option<Interrupt<GpioInterrupt>>,
    /// Kept, so that the line stays as it is.
    _reset: Option<GpioReset>,
}

impl Pace for Waiting {
    fn wait(&mut self, outstanding: usize) {
        if let Some(line) = &mut self.interrupt {
            line.wait(outstanding);
        }
    }

    fn interrupts(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Pace::interrupts)
    }
}

/// The driver over any link.
pub type Driver = Deku<Link, Waiting>;

/// A connected module.
pub struct Hardware {
    /// The driver.
    pub driver: Box<Driver>,
    /// What the module was generated from.
    pub configuration: ModuleConfig,
    /// The simulation, if it is one.
    pub simulator: Option<Simulator>,
    format: Format,
}

impl Hardware {
    /// The device model of a configuration: driver and frames, but no simulator.
    pub fn model(configuration: &str, args: &BackendArgs) -> Result<Self> {
        let configuration = ModuleConfig::load(configuration)?;
        let device = OwnedDevice::on_heap(&configuration.capabilities())?;
        Self::connect(Spoken(device, None), Some(configuration), None, args)
    }

    /// A module on a device of this computer.
    pub fn device(device: &Device, args: &BackendArgs, output: Output) -> Result<Self> {
        let configuration = device.configuration.as_deref().map(ModuleConfig::load).transpose()?;
        let lines = device.lines.open()?;
        match device.open()? {
            Opened::Spi(link) => {
                let link = Named { transport: Warning { link, output }, path: device.path.clone() };
                Self::connect_with(link, lines, configuration, None, args)
            }
            Opened::Serial(link, baud) => {
                let transport = Spoken(*link, Some(Speed::Baud(baud)));
                let link = Named { transport, path: device.path.clone() };
                Self::connect(link, configuration, None, args)
            }
            #[cfg(feature = "usb")]
            Opened::Usb(link) => {
                let link = usb::awake(*link, &device.settings)?;
                Self::connect(Warning { link, output }, configuration, None, args)
            }
        }
    }

    /// A module behind a link of the caller's own.
    pub fn over(
        transport: impl Transport<Error: std::fmt::Display> + 'static,
        configuration: ModuleConfig,
        args: &BackendArgs,
    ) -> Result<Self> {
        Self::connect(Spoken(transport, None), Some(configuration), None, args)
    }

    /// A simulated module.
    pub fn simulated(configuration: &str, args: &BackendArgs, output: Output) -> Result<Self> {
        let configuration = ModuleConfig::load(configuration)?;
        let simulation = Simulation { configuration: &configuration, args, waveform: None };
        check_link(&configuration, args)?;
        let simulator = simulation.start(output)?;
        Self::running(simulator, configuration, args)
    }

    /// A simulation that runs already.
    pub fn running(
        simulator: Simulator,
        configuration: ModuleConfig,
        args: &BackendArgs,
    ) -> Result<Self> {
        let (spi, uart) = (simulator.spi(), simulator.uart());
        let (sck, baud) = (simulator.options().sck_hz, simulator.options().uart_baud);
        let simulator = Some(simulator);
        match args.link {
            LinkArg::Spi => {
                let transport = Spoken(SpiTransport::new(spi), sck.try_into().ok().map(Speed::Sck));
                Self::connect(transport, Some(configuration), simulator, args)
            }
            LinkArg::Uart => {
                let transport: SerialTransport<_> = SerialTransport::new(uart);
                let transport = Spoken(transport, Some(Speed::Baud(baud)));
                Self::connect(transport, Some(configuration), simulator, args)
            }
        }
    }

    /// Loads a model, generators included, and clears the counters.
    pub fn load(&mut self, model: &Model) -> Result<()> {
        load_model(&mut *self.driver, model)
    }

    /// How samples are sent.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// As a session; cycles are those of the simulation.
    pub fn into_session(self) -> Box<dyn Session> {
        let clock = self
            .simulator
            .map(|simulator| -> Clock { Box::new(move || Ok(simulator.stats()?.cycles)) });
        Box::new(Batched::link(*self.driver, clock))
    }

    fn connect(
        transport: impl Wire + 'static,
        configuration: Option<ModuleConfig>,
        simulator: Option<Simulator>,
        args: &BackendArgs,
    ) -> Result<Self> {
        Self::connect_with(transport, OpenLines::default(), configuration, simulator, args)
    }

    fn connect_with(
        mut transport: impl Wire + 'static,
        lines: OpenLines,
        configuration: Option<ModuleConfig>,
        simulator: Option<Simulator>,
        args: &BackendArgs,
    ) -> Result<Self> {
        let config_hash = configuration.as_ref().map(ModuleConfig::hash);
        let options = Options { config_hash, ..Options::DEFAULT };
        let OpenLines { irq, mut reset } = lines;
        if let Some(reset) = &mut reset {
            if !answers(&mut transport) {
                reset.pulse()?;
            }
        }
        let waiting = Waiting { interrupt: irq.map(Interrupt::new), _reset: reset };
        let link = Link(Box::new(transport));
        let mut driver = Box::new(Deku::connect_with(link, waiting, options)?);
        let configuration = match configuration {
            Some(configuration) => configuration,
            None => of_hash(driver.identity().config_hash)?,
        };
        let format = args.format.map_or(Format::default(), Into::into);
        driver.set_format(format)?;
        Ok(Self { driver, configuration, simulator, format })
    }
}

/// Whether a module answers. One that does, even if it belongs to another driver, is not reset, so
/// that it keeps what it has learned.
fn answers(transport: &mut impl Transport) -> bool {
    use deku_driver::Diagnosis::{MapHash, MapVersion};
    use deku_driver::Error::Connect;
    matches!(Deku::connect(transport), Ok(_) | Err(Connect(MapVersion { .. } | MapHash { .. })))
}

/// The project's configuration that a bitstream was generated from.
fn of_hash(hash: u32) -> Result<ModuleConfig> {
    let mut known = BUILTIN.iter().filter_map(|(name, _)| ModuleConfig::builtin(name).ok());
    known.find(|configuration| configuration.hash() == hash).ok_or_else(|| {
        let what = format!("the module was generated from an unknown configuration ({hash:08x})");
        Error::backend("device/configuration", what)
            .cause("its configuration is not one of the project's, or of another version")
            .fix("give its file, as in --backend spi:/dev/spidev0.0,config=my.toml")
    })
}

/// Not every configuration has a UART.
pub fn check_link(configuration: &ModuleConfig, args: &BackendArgs) -> Result<()> {
    if args.link == LinkArg::Spi || configuration.uart {
        return Ok(());
    }
    let name = &configuration.name;
    Err(Error::usage("backend/no-uart", format!("`{name}` has no UART"))
        .cause("its configuration says `uart = false`")
        .fix("leave out --link uart, or choose a configuration with a UART, such as nano"))
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Raw => Self::Raw,
            FormatArg::PackedU => Self::PackedUnsigned,
            FormatArg::PackedS => Self::PackedSigned,
            FormatArg::Index => Self::IndexList,
        }
    }
}

impl From<deku_driver::Error<LinkError>> for Error {
    fn from(error: deku_driver::Error<LinkError>) -> Self {
        if let deku_driver::Error::Transport(cause) = &error {
            let text = match cause {
                LinkError::Explained(error) => return (**error).clone(),
                LinkError::Spoken(text) => text,
            };
            return Self::backend(error.code(), "the link to the module failed again and again")
                .cause(text)
                .fix("look whether `deku list` shows the device, plug the board in again, give a lower clock or baud rate; a run with --checkpoint goes on with --resume");
        }
        let text = error.to_string();
        let (what, rest) = text.split_once(": ").unwrap_or((&text, "try again"));
        let (cause, fix) = rest.split_once("; ").unwrap_or((likely(&error), rest));
        let larger = matches!(&error, deku_driver::Error::Config(e) if e.wants_larger_module());
        let more = if larger { " (`deku configs` lists what others hold)" } else { "" };
        Self::backend(error.code(), what).cause(cause).fix(format!("{fix}{more}"))
    }
}

/// The likely cause where the driver's sentence names only the fix.
fn likely(error: &deku_driver::Error<LinkError>) -> &'static str {
    match error.code() {
        "config" | "network" => "the network or a number is more than this module can take",
        code if code.starts_with("example/") => "the data do not fit the network or the module",
        _ => "the link or the module does not work as it should",
    }
}

impl From<SimError> for Error {
    fn from(error: SimError) -> Self {
        let text = error.to_string();
        let (what, fix) = text.split_once(". ").unwrap_or((&text, "run `cargo xtask setup`"));
        Self::backend("simulator/failed", what)
            .cause("a tool is missing, or the simulated design is faulty")
            .fix(fix)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let key = error.key.map_or(String::new(), |k| format!(": {k}"));
        Self::input("config/file", format!("unusable configuration {}{key}", error.file))
            .cause(error.cause)
            .fix(error.fix)
    }
}
