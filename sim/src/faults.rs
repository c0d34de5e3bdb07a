//! Faults to inject.

use crate::link::Request;
use crate::SimError;

/// How often which fault happens. Every kind draws from its own generator, so one does not move
/// the others; what was injected is counted in [`crate::Injected`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultPlan {
    /// Seed of all generators.
    pub seed: u64,
    /// Probability that a bit sent to the module is flipped.
    pub mosi_bit: f64,
    /// Probability that a bit read from the module is flipped.
    pub miso_bit: f64,
    /// Probability, per frame, that chip select rises before a random bit (SCK goes on).
    pub cs_drop: f64,
    /// Probability, per SPI or UART byte sent, that the system clock stalls once.
    pub clock_stall: f64,
    /// How long the clock stalls.
    pub stall_ns: u64,
    /// Probability that a UART byte to the module is lost.
    pub uart_to_module: f64,
    /// Probability that a UART byte from the module is lost.
    pub uart_to_host: f64,
}

impl FaultPlan {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    pub(crate) fn request(&self) -> Result<Request, SimError> {
        let mut request = Request::new("fault plan", crate::link::op::FAULT_PLAN);
        request.u64(self.seed).u64(self.stall_ns.saturating_mul(1000));
        for (what, p) in self.probabilities() {
            request.u64(threshold(what, p)?);
        }
        Ok(request)
    }

    /// In the order of `FaultKind` in faults.h.
    fn probabilities(&self) -> [(&'static str, f64); 6] {
        [
            ("mosi_bit", self.mosi_bit),
            ("miso_bit", self.miso_bit),
            ("cs_drop", self.cs_drop),
            ("clock_stall", self.clock_stall),
            ("uart_to_module", self.uart_to_module),
            ("uart_to_host", self.uart_to_host),
        ]
    }
}

/// A probability as a limit for 64 random bits.
fn threshold(what: &'static str, p: f64) -> Result<u64, SimError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(SimError::BadOption {
            what,
            value: p.to_string(),
            rule: "a probability lies between 0 and 1",
        });
    }
    Ok((p * 2f64.powi(64)) as u64) // saturates at 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_span_the_range() {
        assert_eq!(threshold("p", 0.0).unwrap(), 0);
        assert_eq!(threshold("p", 0.5).unwrap(), 1 << 63);
        assert_eq!(threshold("p", 1.0).unwrap(), u64::MAX);
    }

    #[test]
    fn impossible_probabilities_are_refused() {
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(threshold("cs_drop", p).unwrap_err().to_string().starts_with("cs_drop"));
        }
    }
}
