//! A browser without a window, for tests of pages: Chromium, told what to do over its DevTools
//! protocol.

mod pipe;

use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use pipe::Pipe;

/// Name of the tool in the record of the set-up.
pub const TOOL: &str = "chromium";

/// Patience with a page that loads.
const LOAD: Duration = Duration::from_secs(30);

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Width of the window, in pixels of CSS.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Whether its user likes dark colours.
    pub dark: bool,
}

/// A browser with one page.
pub struct Browser {
    pipe: Pipe,
    session: String,
    /// Addresses that the page asked for.
    requests: Vec<String>,
    /// What the page did that it should not.
    complaints: Vec<String>,
}

impl Browser {
    /// Starts a browser; it writes into `folder` only.
    ///
    /// # Errors
    /// What went wrong.
    pub fn start(program: &Path, folder: &Path) -> Result<Self, String> {
        let mut browser = Self {
            pipe: Pipe::start(program, folder)?,
            session: String::new(),
            requests: Vec::new(),
            complaints: Vec::new(),
        };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.ask("Target.attachToTarget", attach)?;
        browser.session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(browser)
    }

    /// Opens an address, and waits until it is there.
    ///
    /// # Errors
    /// What went wrong.
    pub fn open(&mut self, url: &str) -> Result<(), String> {
        let answer = self.ask("Page.navigate", json!({ "url": url }))?;
        if let Some(text) = answer["errorText"].as_str() {
            return Err(format!("{url}: {text}"));
        }
        let there = "location.href !== 'about:blank' && document.readyState === 'complete'";
        self.wait_for(there, LOAD)
    }

    /// Changes window and colours.
    ///
    /// # Errors
    /// What went wrong.
    pub fn look(&mut self, look: Look) -> Result<(), String> {
        let Look { width, height, dark } = look;
        let mobile = width < 600;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.ask("Emulation.setDeviceMetricsOverride", metrics)?;
        let value = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.ask("Emulation.setEmulatedMedia", media).map(drop)
    }

    /// The value of an expression in the page.
    ///
    /// # Errors
    /// What went wrong.
    pub fn value(&mut self, expression: &str) -> Result<Value, String> {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.ask("Runtime.evaluate", ask)?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(format!("{expression}: {details}")),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// What elements of the page say, each in a line.
    ///
    /// # Errors
    /// What went wrong.
    pub fn text(&mut self, selector: &str) -> Result<String, String> {
        let all = format!("[...document.querySelectorAll({})]", json!(selector));
        let text = self.value(&format!("{all}.map(e => e.textContent).join('\\n')"))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a condition of the page holds.
    ///
    /// # Errors
    /// If it does not within `patience`, with what the page says instead.
    pub fn wait_for(&mut self, condition: &str, patience: Duration) -> Result<(), String> {
        let begun = Instant::now();
        while self.value(condition)? != json!(true) {
            if begun.elapsed() > patience {
                let page = self.text("body > :not(script)")?;
                return Err(format!("not within {patience:?}: {condition}; the page: {page}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A picture of the whole page, as PNG.
    ///
    /// # Errors
    /// What went wrong.
    pub fn picture(&mut self) -> Result<Vec<u8>, String> {
        let ask = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.ask("Page.captureScreenshot", ask)?;
        let data = answer["data"].as_str().unwrap_or_default();
        BASE64_STANDARD.decode(data).map_err(|e| e.to_string())
    }

    /// Addresses that the page asked for.
    #[must_use]
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// What the page did that it should not: exceptions, and what its policy forbade.
    #[must_use]
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.pipe.send(&self.session, method, &params)?;
        loop {
            let message = self.pipe.receive()?;
            if message["id"] == json!(id) {
                return match message.get("error") {
                    Some(error) => Err(format!("{method}: {error}")),
                    None => Ok(message["result"].clone()),
                };
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match event["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                self.requests.push(text(&params["request"]["url"]))
            }
            Some("Runtime.exceptionThrown") => {
                self.complaints.push(params["exceptionDetails"].to_string());
            }
            Some("Log.entryAdded") => self.complaints.push(params["entry"].to_string()),
            _ => {}
        }
    }
}
