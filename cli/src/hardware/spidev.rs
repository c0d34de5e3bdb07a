//! A simulated module as a spidev: for every program that is started for it, it is a device node.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use deku_sim::spidev::{Preload, SocketAddress, SpidevServer};
use deku_sim::Simulator;

use crate::error::{Error, Result};

/// A simulated module behind a device node.
pub struct Spidev {
    server: SpidevServer,
    environment: Vec<(&'static str, OsString)>,
    node: String,
}

impl Spidev {
    /// Serves a module as `node`, its other lines as `chip` if that is named; at the socket `socket`
    /// if that is named.
    pub fn new(
        simulator: &Simulator,
        node: &str,
        chip: Option<&str>,
        socket: Option<PathBuf>,
    ) -> Result<Self> {
        let preload = Preload::find()?;
        let socket = socket.map(std::path::absolute).transpose();
        let socket = socket.map_err(|e| Error::io(Path::new("."), "find", &e))?;
        let address = socket.map_or_else(SocketAddress::unique, SocketAddress::File);
        let environment = preload.environment(node, chip, &address);
        let server = SpidevServer::start(simulator, address)?;
        Ok(Self { server, environment, node: node.into() })
    }

    /// Looks whether a node can have this path.
    pub fn check_path(path: &str) -> Result<()> {
        if path.starts_with('/') {
            return Ok(());
        }
        Err(Error::usage("sim/spidev", format!("`{path}` is no path of a device"))
            .cause("the path must be absolute; it need not exist")
            .fix("write --spidev, or for example --spidev=/dev/spidev0.1"))
    }

    /// The device node.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// Where the library reaches the module.
    #[must_use]
    pub fn socket(&self) -> String {
        self.server.address().text()
    }

    /// Variables with which a program sees the node.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        self.environment.iter().map(|(name, value)| (*name, value.to_string_lossy().into_owned()))
    }

    /// The same for a shell.
    #[must_use]
    pub fn exports(&self) -> String {
        let quoted = |text: String| format!("'{}'", text.replace('\'', r"'\''"));
        let all = self.environment().map(|(name, value)| format!(" {name}={}", quoted(value)));
        format!("export{}", all.collect::<String>())
    }

    /// Serves until the simulation fails.
    pub fn serve(&self) -> Result<()> {
        self.server.wait().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Runs a program that sees the node, and waits for its end.
    pub fn run(&self, command: &[OsString]) -> Result<ExitStatus> {
        let (program, arguments) = command.split_first().expect("clap asks for a command");
        let mut command = Command::new(program);
        command.args(arguments).envs(self.environment.iter().map(|(n, v)| (n, v)));
        let status = command.status().map_err(|error| {
            let program = Path::new(program).display();
            Error::usage("sim/command", format!("cannot run `{program}`: {error}"))
                .cause("there is no such program, or it is not on PATH")
                .fix("after -- comes a program and its arguments: -- deku train --backend spi:/dev/spidev0.0")
        })?;
        self.server.failure().map_or(Ok(status), |error| Err(error.into()))
    }
}
