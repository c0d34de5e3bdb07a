//! The module as a value.

use crate::link::Link;
use crate::stream::Window;
use crate::{Error, LinkStats, Pace, Transport, LONGEST_FRAME};
use deku_ref::module::Generators;
use deku_ref::regs::{self, f};
use deku_ref::sample::Format;
use deku_ref::settings::Settings;
use deku_ref::{Capabilities, ConfigError, Counters, NetworkConfig, Placement, TrainConfig};

/// A connected module.
///
/// `T` is the link, `P` says how to wait for a busy module, `FRAME` is the size of the frame
/// buffer in bytes (64 at least; frames are never longer, nor longer than the transport allows).
#[derive(Debug)]
pub struct Deku<T, P = (), const FRAME: usize = LONGEST_FRAME> {
    pub(crate) link: Link<T, P, FRAME>,
    pub(crate) capabilities: Capabilities,
    pub(crate) network: Option<Configured>,
    pub(crate) format: Format,
    pub(crate) window: Window,
    /// A RESET was begun and not confirmed.
    pub(crate) resetting: bool,
}

/// A network, and where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Configured {
    pub config: NetworkConfig,
    pub placement: Placement,
    /// One bit per layer whose latents were loaded.
    pub loaded: u8,
}

impl Configured {
    /// First layer without latents.
    pub fn not_loaded(&self) -> Option<usize> {
        (0..self.config.layers().len()).find(|layer| self.loaded & 1 << layer == 0)
    }
}

impl<T: Transport, P: Pace, const FRAME: usize> Deku<T, P, FRAME> {
    /// Identity and abilities of the module.
    #[must_use]
    pub const fn identity(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The network it is configured for.
    #[must_use]
    pub fn network(&self) -> Option<&NetworkConfig> {
        self.network.as_ref().map(|n| &n.config)
    }

    /// What happened on the link since connecting.
    #[must_use]
    pub const fn stats(&self) -> &LinkStats {
        &self.link.stats
    }

    /// The transport, for example to change its clock after an error.
    pub fn transport(&mut self) -> &mut T {
        &mut self.link.transport
    }

    /// Gives the transport back. The module keeps what it has learned.
    pub fn release(self) -> T {
        self.link.transport
    }

    /// Sets the network and the learning rule, seeds the generators from `training.seed` and
    /// clears the counters. Masks and latents must be loaded afterwards.
    ///
    /// # Errors
    /// [`Error::Config`] if the network does not fit or a constant is out of range; errors of the
    /// link.
    pub fn configure(
        &mut self,
        network: &NetworkConfig,
        training: &TrainConfig,
    ) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        training.check()?;
        let placement = network.placement(&self.capabilities.capacity)?;
        self.network = None;
        self.link.loaded = false;
        let settings = Settings::new(network, &placement, training);
        for layer in settings.layers() {
            self.link.set_registers(layer.first, &layer.values)?;
        }
        self.link.set_registers(settings.network.first, &settings.network.values)?;
        self.link.set_registers(settings.rule.first, &settings.rule.values)?;
        self.write_generators(&Generators::from_seed(training.seed))?;
        self.clear()?;
        let loaded = 0;
        self.network = Some(Configured { config: *network, placement, loaded });
        Ok(())
    }

    /// Goes on with a module that is already configured for `network` and loaded, for example by
    /// an earlier run of the program. Nothing in it changes.
    ///
    /// # Errors
    /// [`Error::OtherNetwork`] if it is not; errors of the link.
    pub fn attach(&mut self, network: &NetworkConfig) -> Result<(), Error<T::Error>> {
        let placement = network.placement(&self.capabilities.capacity)?;
        let expected = Settings::new(network, &placement, &TrainConfig::IMAGES);
        let [.., overlay, step, inputs] = expected.rule.values;
        let mut same = self.link.registers(expected.network.first)? == expected.network.values
            && self.link.registers(regs::OVERLAY.index)? == [overlay, step, inputs];
        for layer in expected.layers() {
            same &= self.link.registers(layer.first)? == layer.values;
        }
        let [status] = self.link.registers(regs::STATUS.index)?;
        if !same || f::IS_LOADED.get(status) == 0 {
            return Err(Error::OtherNetwork);
        }
        let loaded = u8::MAX;
        self.link.loaded = true;
        self.network = Some(Configured { config: *network, placement, loaded });
        Ok(())
    }

    /// Changes temperature and threshold; the generators go on.
    ///
    /// # Errors
    /// [`Error::Config`] if a constant is out of range; errors of the link.
    pub fn set_training(&mut self, training: &TrainConfig) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        training.check()?;
        let configured = self.configured()?;
        let settings = Settings::new(&configured.config, &configured.placement, training);
        let [temperature, theta, ..] = settings.rule.values;
        self.link.set_registers(settings.rule.first, &[temperature, theta])
    }

    /// Sets the scale S (0..=15) of a layer.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no such layer or scale; errors of the link.
    pub fn set_shift(&mut self, layer: usize, shift: u8) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        let mut configured = self.configured()?;
        configured.config.set_shift(layer, shift)?;
        let Configured { config, placement, .. } = &configured;
        let settings = Settings::new(config, placement, &TrainConfig::IMAGES);
        let run = settings.layers()[layer];
        self.link.set_registers(run.first + 1, &run.values[1..2])?;
        self.network = Some(configured);
        Ok(())
    }

    /// How inputs are sent from now on; packed-u after connecting. See
    /// [`Format::smallest`] for a choice.
    ///
    /// # Errors
    /// [`Error::Unresolved`]; errors of the link.
    pub fn set_format(&mut self, format: Format) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        self.link.set_registers(regs::FORMAT.index, &[f::SAMPLE_FORMAT.put(format as u32)])?;
        self.format = format;
        Ok(())
    }

    /// States of the generators.
    ///
    /// # Errors
    /// Errors of the link.
    pub fn generator_states(&mut self) -> Result<Generators, Error<T::Error>> {
        let [rival, round] = self.link.registers(regs::RIVAL_STATE.index)?;
        Ok(Generators { rival, round })
    }

    /// Sets the states of the generators.
    ///
    /// # Errors
    /// [`Error::Config`] for a state of 0; errors of the link.
    pub fn set_generator_states(&mut self, generators: &Generators) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        if generators.rival == 0 || generators.round == 0 {
            return Err(ConfigError::Seed.into());
        }
        self.write_generators(generators)
    }

    fn write_generators(&mut self, g: &Generators) -> Result<(), Error<T::Error>> {
        self.link.set_registers(regs::RIVAL_STATE.index, &[g.rival, g.round])
    }

    /// The counters.
    ///
    /// # Errors
    /// Errors of the link.
    pub fn read_counters(&mut self) -> Result<Counters, Error<T::Error>> {
        const FIRST: usize = regs::SAMPLES.index as usize;
        const COUNT: usize = regs::MAX_ACC.index as usize + 4 - FIRST;
        let values: [u32; COUNT] = self.link.registers(regs::SAMPLES.index)?;
        let array = |r: &regs::Register| {
            core::array::from_fn(|layer| values[usize::from(r.at(layer)) - FIRST])
        };
        Ok(Counters {
            samples: values[0],
            updates: array(&regs::UPDATES),
            flips: array(&regs::FLIPS),
            dead: array(&regs::DEAD),
            max_accumulator: array(&regs::MAX_ACC).map(|v| f::MAX_ACC.get(v) as u16),
        })
    }

    /// Sets the counters, including those of link errors in the module, to 0.
    ///
    /// # Errors
    /// [`Error::Unresolved`]; errors of the link.
    pub fn clear(&mut self) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        self.link.set_registers(regs::COMMAND.index, &[f::CLEAR_COUNTERS.put(1)])
    }

    /// Headers and payloads that reached the module damaged since the counters were cleared.
    ///
    /// # Errors
    /// Errors of the link.
    pub fn damage_seen_by_module(&mut self) -> Result<(u16, u16), Error<T::Error>> {
        let [errors] = self.link.registers(regs::LINK_ERRORS.index)?;
        Ok((f::HEADER_ERRORS.get(errors) as u16, f::PAYLOAD_ERRORS.get(errors) as u16))
    }

    pub(crate) fn configured(&self) -> Result<Configured, Error<T::Error>> {
        self.network.ok_or(Error::NotConfigured)
    }

    /// Refuses what would make it impossible to resolve the examples in the module.
    pub(crate) fn check_resolved(&self) -> Result<(), Error<T::Error>> {
        match self.window.len() {
            0 => Ok(()),
            examples => Err(Error::Unresolved { examples }),
        }
    }
}
