//! Whether what was measured is still what is generated.

use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::generate::{generate, PRIMITIVES};
use sha2::{Digest, Sha256};

/// Of texts and their names, in this order.
#[must_use]
pub fn of_texts<'t>(texts: impl IntoIterator<Item = (&'t str, &'t str)>) -> String {
    let mut sha = Sha256::new();
    for (name, text) in texts {
        for part in [name, text] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
    }
    sha.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Of the Verilog of a module, primitives included.
#[must_use]
pub fn of_module(config: &ModuleConfig) -> String {
    let mut files: Vec<(String, String)> = generate(config)
        .into_iter()
        .map(|(path, text)| (path.display().to_string(), text))
        .collect();
    let module = PRIMITIVES.iter().filter(|(path, _)| !path.starts_with("boards/"));
    files.extend(module.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    of_texts(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_and_name_counts() {
        let one = of_texts([("a", "bc")]);
        assert_ne!(one, of_texts([("ab", "c")]));
        assert_ne!(one, of_texts([("a", "bd")]));
        assert_eq!((one.len(), &one), (16, &of_texts([("a", "bc")])));
        let module = |name| of_module(&ModuleConfig::builtin(name).unwrap());
        assert_ne!(module("nano"), module("up5k"));
    }
}
