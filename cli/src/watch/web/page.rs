//! The page: one file, put together from three.

use std::sync::OnceLock;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

const HTML: &str = include_str!("page.html");
const CSS: &str = include_str!("page.css");
const JS: &str = include_str!("page.js");

/// The page as browsers get it.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| HTML.replace("/*page.css*/", CSS).replace("/*page.js*/", JS))
}

/// What browsers let the page do: run its own script, look as it says, and ask this server.
pub fn policy() -> &'static str {
    static POLICY: OnceLock<String> = OnceLock::new();
    POLICY.get_or_init(|| {
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(JS),
            hash(CSS)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_needs_nothing_else() {
        let text = text();
        assert!(text.contains(CSS) && text.contains(JS) && !text.contains("/*page."));
        // Hashes are those of what stands between the tags, to the last blank.
        assert!(text.contains(&format!("<script>{JS}</script>")));
        assert!(text.contains(&format!("<style>{CSS}</style>")));
        // Nothing is fetched from anywhere, and a name of SVG is no address.
        let links = text.replace("http://www.w3.org/2000/svg", "");
        for word in ["http:", "https:", "src=", "@import", "url(", "innerHTML", "eval("] {
            assert!(!links.contains(word), "{word}");
        }
    }
}
