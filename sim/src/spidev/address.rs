//! Where the library finds the server.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use crate::error::file_error;
use crate::SimError;

/// A Unix socket: a file, or a name that only lives as long as the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketAddress {
    /// A file.
    File(PathBuf),
    /// A name in Linux' abstract name space.
    Name(String),
}

impl SocketAddress {
    /// A name that no other process of this computer uses.
    #[must_use]
    pub fn unique() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static SERVERS: AtomicU32 = AtomicU32::new(0);
        let n = SERVERS.fetch_add(1, Ordering::Relaxed);
        Self::Name(format!("deku-spidev-{}-{n}", std::process::id()))
    }

    /// As the library wants to read it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Name(name) => format!("@{name}"),
        }
    }

    /// Connects, as the library does.
    ///
    /// # Errors
    /// If nobody listens there.
    pub fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&self.resolve()?)
    }

    /// Listens there. A file that a server has left behind is replaced, any other file is not.
    pub(super) fn listen(&self) -> Result<UnixListener, SimError> {
        if let Self::File(path) = self {
            if is_stale(path) {
                std::fs::remove_file(path).map_err(file_error("replace", path))?;
            }
        }
        let bound = self.resolve().and_then(|address| UnixListener::bind_addr(&address));
        bound.map_err(file_error("listen at", self.text()))
    }

    fn resolve(&self) -> io::Result<SocketAddr> {
        match self {
            Self::File(path) => SocketAddr::from_pathname(path),
            Self::Name(name) => SocketAddr::from_abstract_name(name),
        }
    }
}

/// A socket at which nobody listens any more.
fn is_stale(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let is_socket = path.symlink_metadata().is_ok_and(|data| data.file_type().is_socket());
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    is_socket && UnixStream::connect(path).is_err_and(refused)
}
