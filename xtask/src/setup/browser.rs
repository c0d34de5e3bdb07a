//! Chromium, in which pages are tested.

use anyhow::{Context as _, Result};

use super::compiler::found;
use super::record::Tools;
use super::site::Site;
use crate::shell::which;

/// The same program has other names elsewhere.
pub const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chromium-headless-shell",
];

/// Records `chromium`, installing it where that is allowed.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if tools.get("chromium").is_some() {
        return Ok(());
    }
    let find = || NAMES.iter().find_map(|name| which(name));
    if find().is_none() {
        // Without fonts a page has no letters.
        site.install(&["chromium", "fonts-dejavu-core"])
            .context("no Chromium, in which the page of `deku monitor --web` is tested")?;
    }
    let path = find().context("chromium is still missing after its installation")?;
    tools.set("chromium", found(path, "--version"));
    Ok(())
}
