//! `doctor`, `report` and `man`.

mod common;

use common::{command, deku, fails, objects, summary};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_doctor_names_what_is_there_and_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing on PATH, no record: every tool is absent, which is no fault.
    let mut command = command(folder.path(), &["doctor"]);
    let output = command.env("PATH", "").env("DEKU_TOOLS_JSON", "").output().unwrap();
    let out = text(&output.stdout);
    for line in [
        "- simulation  no c++ on PATH",
        "- bitstreams  there is no `yosys`",
        "- flashing    icebreaker: no openFPGALoader",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(out.contains("cargo xtask setup    in the repository"), "{out}");
    assert!(out.contains("register map version 1 hash "), "{out}");
}

#[test]
fn the_doctor_finds_settings_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("deku.toml"), "colour = \"red\"\n").unwrap();
    std::fs::write(folder.path().join("tools.json"), "{").unwrap();
    fails(folder.path(), &["doctor"], 1, "doctor/problems");
    let mut command = command(folder.path(), &["doctor"]);
    let output = command.env("DEKU_TOOLS_JSON", "tools.json").output().unwrap();
    let out = text(&output.stdout);
    assert!(
        out.contains("! settings    cannot use ") && out.contains("no setting `colour`"),
        "{out}"
    );
    assert!(out.contains("! bitstreams  `tools.json` is damaged"), "{out}");
    assert!(out.contains("mend what is marked"), "{out}");
    fails(folder.path(), &["configs"], 3, "file/settings");
}

#[test]
fn a_report_holds_everything_but_the_home_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let failed = deku(folder, &["info", "--backend", "toaster"]);
    let error = format!("{}in {}/x\n", text(&failed.stderr), folder.display());
    std::fs::write(folder.join("error.txt"), error).unwrap();
    let mut command = command(folder, &["report", "--error", "error.txt", "--out", "r.md"]);
    let output = command.env("HOME", folder).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("read it before you send it"));
    let page = std::fs::read_to_string(folder.join("r.md")).unwrap();
    let version = format!("# Report of deku {}", env!("CARGO_PKG_VERSION"));
    for part in [
        &version,
        "error[backend/unknown]: there is no backend",
        "in ~/x",
        "\nup5k ",
        "sim:nano",
        "platform ",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(&folder.display().to_string()), "{page}");
    for title in ["Error", "Configurations", "List", "Doctor"] {
        assert!(page.contains(&format!("\n## {title}\n")), "{page}");
    }
    fails(folder, &["report", "--error", "nowhere"], 3, "file/io");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let done = summary(folder.path(), &["man", "--out", "man/man1"]);
    let read =
        |name: &str| std::fs::read_to_string(folder.path().join("man/man1").join(name)).unwrap();
    let program = read("deku.1");
    let help = text(&deku(folder.path(), &["--help"]).stdout);
    let commands =
        help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let commands: Vec<_> =
        commands.filter_map(|l| l.split_whitespace().next()).filter(|c| *c != "help").collect();
    assert!(commands.len() > 20, "{help}");
    for command in &commands {
        assert!(program.contains(&format!("deku\\-{command}")), "{command}");
        assert!(read(&format!("deku-{command}.1")).contains(".SH SYNOPSIS"), "{command}");
    }
    assert_eq!(done["pages"], commands.len() + 1);
    assert!(program.contains("Exit codes"), "{program}");
    assert!(read("deku-train.1").contains("\\-\\-checkpoint"));
}

#[test]
fn findings_are_objects() {
    let folder = tempfile::tempdir().unwrap();
    let output = deku(folder.path(), &["doctor", "--json"]);
    let out = text(&output.stdout);
    let first: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(first["event"], "finding");
    assert_eq!((&first["topic"], &first["state"]), (&"program".into(), &"fine".into()));
    let explained = objects(folder.path(), &["explain", "doctor/problems"]);
    assert_eq!(explained[0]["exit"], 1);
}
