//! The page of `deku monitor --web` in a browser without a window. Pictures of it are left in
//! `target/tmp`.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use deku_tests::browser::{Browser, Look, TOOL};
use deku_tests::tools::tool_for;
use serde_json::Value;

const LONG: Duration = Duration::from_secs(90);
const DESKTOP: Look = Look { width: 1400, height: 1000, dark: false };
const PHONE: Look = Look { width: 400, height: 800, dark: true };

/// `deku`, ended with the test.
struct Running(Child);

impl Running {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let child = deku(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        Self(child.expect("it starts"))
    }

    /// Nobody reads what it prints.
    fn unheard(folder: &Path, arguments: &[&str]) -> Self {
        let child = deku(folder, arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("it starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn deku(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_screenshot"));
    command.args(arguments).current_dir(folder).env("DEKU_SCREENSHOT_CHILD", "1");
    for (_, variable) in deku_cli::defaults::OPTIONS {
        command.env_remove(variable);
    }
    command
}

/// A page of a log in a browser.
struct Watched {
    browser: Browser,
    monitor: Option<Running>,
    url: String,
}

impl Watched {
    fn open(program: &Path, folder: &Path, log: &str) -> Self {
        let mut monitor =
            Running::start(folder, &["monitor", "--web", log, "--port", "0", "--json"]);
        let mut line = String::new();
        let out = monitor.0.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("an object");
        assert_eq!(ready["event"], "ready", "{ready}");
        let url = ready["url"].as_str().expect("an address").to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        let mut browser = Browser::start(program, folder).expect("a browser");
        browser.look(DESKTOP).unwrap();
        browser.open(&url).unwrap();
        Self { browser, monitor: Some(monitor), url }
    }

    fn wait_for_phase(&mut self, phase: &str) {
        let condition = format!("document.body.dataset.phase === '{phase}'");
        self.browser.wait_for(&condition, LONG).unwrap();
    }

    fn text(&mut self, selector: &str) -> String {
        self.browser.text(selector).unwrap()
    }

    /// What a tile says, such as `97.5 %`.
    fn tile(&mut self, name: &str) -> String {
        let found = format!("[...document.querySelectorAll('#tiles div')].find(d => d.querySelector('dt').textContent === '{name}')?.querySelector('dd').textContent ?? ''");
        self.browser.value(&found).unwrap().as_str().unwrap_or_default().to_owned()
    }

    fn number(&mut self, expression: &str) -> f64 {
        let value = self.browser.value(expression).unwrap();
        value.as_f64().unwrap_or_else(|| panic!("{expression}: {value}"))
    }

    /// Nothing was asked of anybody else, nothing was forbidden, nothing failed.
    fn is_self_contained(&self) {
        assert!(self.browser.requests().len() > 1, "it asks for what it shows");
        for address in self.browser.requests() {
            let own = address.starts_with(&self.url) || address.starts_with("data:");
            assert!(own, "it asked for {address}");
        }
        assert_eq!(self.browser.complaints(), [""; 0]);
    }

    /// The page fits, and a picture of it is not blank.
    fn picture(&mut self, name: &str, look: Look) {
        self.browser.look(look).unwrap();
        let width = self.number("document.documentElement.scrollWidth");
        assert_eq!(width, f64::from(look.width), "it fits into the window");
        // Charts are drawn anew for the window at the next answer.
        std::thread::sleep(Duration::from_millis(1200));
        let png = self.browser.picture().unwrap();
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("web-{name}.png"));
        std::fs::write(&path, &png).unwrap();
        assert!((10_000..2_000_000).contains(&png.len()), "{} bytes", png.len());
        let (columns, rows, colours, most) = colours(&png);
        assert!(columns == look.width && rows > 600, "{columns} x {rows}");
        assert!(colours > 100, "{colours} colours");
        assert!(most < 0.9, "{most:.2} of it are one colour");
    }
}

/// Width, height, number of colours and share of the most frequent one.
fn colours(png: &[u8]) -> (u32, u32, usize, f64) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("a frame");
    let size = frame.buffer_size() / (frame.width * frame.height) as usize;
    let mut counts = std::collections::HashMap::new();
    for pixel in pixels[..frame.buffer_size()].chunks_exact(size) {
        *counts.entry(pixel).or_insert(0u32) += 1;
    }
    let most = f64::from(counts.values().copied().max().unwrap_or(0));
    (frame.width, frame.height, counts.len(), most / f64::from(frame.width * frame.height))
}

/// The last event of that name in a log.
fn last(log: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(log).unwrap();
    let mut events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.rfind(|event| event["event"] == name).expect(name)
}

/// A number as the page writes it, without separators.
fn plain(text: &str) -> String {
    text.replace(',', "")
}

#[test]
fn a_run_is_shown_while_it_learns() {
    let Some(program) = tool_for("page of a run", TOOL) else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("l"), "").unwrap();
    let mut page = Watched::open(&program, folder, "l");
    page.wait_for_phase("waiting");
    assert!(page.text("#empty").contains("Nothing to show yet"));
    let endless = ["--columns", "64", "--schedule", "endless", "--epochs", "1000000"];
    let train = Running::unheard(folder, &[&["train", "--log", "l"], &endless[..]].concat());
    page.wait_for_phase("training");
    let samples = "Number(document.querySelector('#detail').textContent.split(' of ')[0].replaceAll(',', ''))";
    let before = page.number(samples);
    page.browser.wait_for(&format!("{samples} > {before}"), LONG).unwrap();
    assert!(page.text("#about").contains("network 64-64, 10 classes"));
    let accuracy: f64 = page.tile("Accuracy").trim_end_matches(" %").parse().unwrap();
    assert!((20.0..=100.0).contains(&accuracy), "{accuracy}");
    // Curve, update rate and both distributions are drawn.
    page.browser
        .wait_for("document.querySelector('#curve .line').getTotalLength() > 300", LONG)
        .unwrap();
    for shape in ["#updates .line", "#goodness .fill-blue", "#goodness .fill-orange"] {
        let length = format!("document.querySelector('{shape}').getTotalLength()");
        assert!(page.number(&length) > 300.0, "{shape}");
    }
    // An image per class, none like another.
    page.browser
        .wait_for("document.querySelectorAll('#images canvas').length === 10", LONG)
        .unwrap();
    let images = page.browser.value("[...document.querySelectorAll('#images canvas')].map(c => [...c.getContext('2d').getImageData(0, 0, 8, 8).data].join())");
    let images = images.unwrap();
    let images: HashSet<&str> =
        images.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(images.len(), 10);
    page.picture("desktop-light", DESKTOP);
    page.picture("desktop-dark", Look { dark: true, ..DESKTOP });
    page.picture("phone-light", Look { dark: false, ..PHONE });
    page.picture("phone-dark", PHONE);
    page.is_self_contained();
    drop(train);
    page.wait_for_phase("silent");
    assert!(page.text("#phase").starts_with("No news for "), "{}", page.text("#phase"));
    page.monitor = None;
    page.wait_for_phase("lost");
    assert!(page.text("#detail").contains("deku monitor has ended"));
    assert!(page.tile("Accuracy").ends_with(" %"), "what was known is still there");
}

#[test]
fn a_finished_run_of_a_module_is_shown_as_its_log_has_it() {
    let Some(program) = tool_for("page of a module", TOOL) else { return };
    if deku_sim::testing::verilator_for("page of a module").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("t.csv"), table()).unwrap();
    let data = ["--data", "csv:t.csv", "--columns", "32", "--epochs", "3"];
    let train = [&["train", "--backend", "sim:nano", "--log", "l"], &data[..]].concat();
    let output = deku(folder, &train).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (progress, summary) =
        (last(&folder.join("l"), "progress"), last(&folder.join("l"), "summary"));
    let mut page = Watched::open(&program, folder, "l");
    page.wait_for_phase("finished");
    let one = |value: &Value, unit: &str| format!("{:.1} {unit}", value.as_f64().unwrap());
    assert_eq!(page.tile("Accuracy"), one(&progress["accuracy"], "%"));
    assert_eq!(page.tile("Held out"), one(&summary["test_accuracy"], "%"));
    assert_eq!(page.tile("Update rate"), one(&progress["update_rate"], "%"));
    assert!(page.tile("Clock cycles").ends_with("/s"));
    let link = page.text("#link tr");
    assert!(link.contains("SCKclock of SPI31.25 MHz"), "{link}");
    let frames = format!("Framesexchanged since connecting{}", progress["link"]["frames"]);
    assert!(plain(&link).contains(&frames), "{link}");
    assert!(page.text("#link-verdict").contains("arrived unharmed"));
    assert_eq!(page.number("document.querySelectorAll('#strongest tbody tr').length"), 2.0);
    assert!(page.text("#strongest .chip").contains("feature "));
    page.picture("module", DESKTOP);
    page.is_self_contained();
}

#[test]
fn a_run_that_failed_says_why() {
    let Some(program) = tool_for("page of a failed run", TOOL) else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let start = r#"{"event":"start","inputs":8,"columns":[64],"classes":2}"#;
    std::fs::write(folder.join("l"), format!("{start}\n")).unwrap();
    let mut page = Watched::open(&program, folder, "l");
    page.wait_for_phase("waiting");
    let mut log = std::fs::File::options().append(true).open(folder.join("l")).unwrap();
    // What comes from outside stays text.
    writeln!(log, r#"{{"event":"error","code":"link/noisy","what":"<img src=x> & <b>noise</b>"}}"#)
        .unwrap();
    page.wait_for_phase("failed");
    assert_eq!(page.text("#detail"), "error[link/noisy]: <img src=x> & <b>noise</b>");
    assert_eq!(page.number("document.querySelectorAll('img, b').length"), 0.0);
    page.is_self_contained();
}

/// Two classes that differ in which half of the features is large.
fn table() -> String {
    let value = |n: u32, k: u32| (n * 97 + k * 41) % 60 + u32::from(k / 4 == n % 2) * 40;
    let row = |n: u32| (0..8).map(|k| format!("{},", value(n, k))).collect::<String>();
    (0..150).map(|n| format!("{}{}\n", row(n), n % 2)).collect()
}
