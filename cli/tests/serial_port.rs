//! The program, unchanged, talks to a simulated module through a serial port of the system.

mod common;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;

use common::{command, deku, summary, table, unplug, unplugged, Served};
use serialport::{SerialPort as _, TTYPort};

#[test]
fn the_same_model_as_the_reference() {
    if deku_sim::testing::verilator_for("serial port").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let link = folder.join("ttyDEKU").display().to_string();
    let (served, _) = Served::start(folder, &["sim", "nano", &format!("--pty={link}")]);
    let backend = format!("serial:{link}");
    let train = |backend: &str, out: &str| {
        let arguments = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "2"];
        summary(folder, &[&arguments[..], &["--backend", backend, "--out", out]].concat())
    };
    train(&backend, "serial.safetensors");
    train("ref", "ref.safetensors");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("serial.safetensors"), read("ref.safetensors"));
    // The module goes on where the program has left it.
    let info = summary(folder, &["info", "--backend", &backend]);
    assert_eq!(info["max_classes"], 8);
    drop(served);
    let gone = deku(folder, &["info", "--backend", &backend]);
    assert_eq!(gone.status.code(), Some(4), "{}", String::from_utf8_lossy(&gone.stderr));
}

#[test]
fn unplugged_while_it_learns() {
    if deku_sim::testing::verilator_for("serial port, unplugged").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let link = folder.join("ttyDEKU").display().to_string();
    let (served, _) = Served::start(folder, &["sim", "nano", &format!("--pty={link}")]);
    let backend = format!("serial:{link}");
    let train = ["train", "--data", "csv:t.csv", "--columns", "16", "--epochs", "100000"];
    let said =
        unplug(&mut command(folder, &[&train[..], &["--backend", &backend]].concat()), served);
    assert_eq!(said, unplugged(&link, "Broken pipe"));
}

/// The user `nobody` if this is root, who may open everything.
fn nobody() -> Option<u32> {
    (std::fs::metadata("/proc/self").unwrap().uid() == 0).then_some(65_534)
}

#[test]
fn a_port_without_permission() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_master, slave) = TTYPort::pair().unwrap();
    let path = slave.name().unwrap();
    let allow = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(path.as_ref(), 0);
    // Another user may not see the folder that the program was built in.
    allow(folder, 0o755);
    let program = folder.join("deku");
    std::fs::copy(env!("CARGO_BIN_EXE_deku"), &program).unwrap();
    let mut info = std::process::Command::new(program);
    info.current_dir(folder).args(["info", "--backend", &format!("serial:{path}")]);
    if let Some(id) = nobody() {
        info.uid(id).gid(id);
    }
    let output = info.env("NO_COLOR", "1").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        format!(
            "error[device/denied]: `{path}` may not be opened by this user
  cause: only root may open it: no udev rule gives it to a group
  fix: put the line SUBSYSTEM==\"tty\", GROUP=\"dialout\", MODE=\"0660\" into /etc/udev/rules.d/70-deku.rules, then `sudo udevadm control --reload && sudo udevadm trigger` and `sudo usermod -aG dialout $USER`, log out and in again
"
        )
    );
    assert_eq!(output.status.code(), Some(4));
}
