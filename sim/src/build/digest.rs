//! SHA-256 over named parts.

use sha2::{Digest as _, Sha256};

/// Hashes parts with their lengths, so that no two lists of parts look alike.
pub(crate) struct Digest(Sha256);

impl Digest {
    pub fn new() -> Self {
        Digest(Sha256::new())
    }
    pub fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }
    pub fn hex(&self) -> String {
        self.0.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_borders_of_parts_count() {
        let joined = Digest::new().part("ab").part("c").hex();
        assert_ne!(joined, Digest::new().part("a").part("bc").hex());
        assert_eq!(joined.len(), 64);
    }
}
