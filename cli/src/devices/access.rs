//! Whether this user may use a device, and if not, what is missing. The node itself is asked, for
//! there are also access lists; groups only explain the answer.

use std::path::Path;

use deku_rtlgen::board::Usb;

use super::usb::udev_rule;

/// Whether this user may use a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Granted,
    /// No.
    Refused {
        /// Why.
        cause: String,
        /// What to do.
        fix: String,
    },
}

/// The answer of the system. Opening a serial port would already move its control lines.
#[cfg(unix)]
pub(super) fn may_use(node: &Path) -> bool {
    use rustix::fs::{access, Access};
    access(node, Access::READ_OK | Access::WRITE_OK).is_ok()
}

/// There the program that opens it will say.
#[cfg(not(unix))]
pub(super) fn may_use(_: &Path) -> bool {
    true
}

/// Access to a node of a class of devices, which `group` uses to have.
pub(super) fn of_node(node: &Path, may: bool, class: &str, group: &str) -> Access {
    if may {
        return Access::Granted;
    }
    let (cause, fix) = match Owner::of(node) {
        None => (
            "the kernel knows it, but there is no node".into(),
            "look at `systemctl status udev`; a container must be started with the device".into(),
        ),
        Some(owner) => explain(&owner, &User::current(), class, group),
    };
    Access::Refused { cause, fix }
}

/// Access to a board on USB.
pub(super) fn of_board(node: &Path, may: bool, usb: Usb) -> Access {
    if may {
        return Access::Granted;
    }
    let cause = format!("`{}` cannot be opened for writing by this user", node.display());
    Access::Refused { cause, fix: udev_rule(usb) }
}

/// Whose a node is.
struct Owner {
    group: u32,
    /// Whether the group may read and write.
    group_may: bool,
}

impl Owner {
    #[cfg(unix)]
    fn of(node: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = node.metadata().ok()?;
        Some(Self { group: data.gid(), group_may: data.mode() & 0o060 == 0o060 })
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Self> {
        None
    }
}

/// Who asks.
struct User {
    name: String,
    /// Contents of /etc/group.
    groups: String,
}

impl User {
    fn current() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let status = read("/proc/self/status");
        let id =
            status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
        let passwd = read("/etc/passwd");
        let name = passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1) == id).then(|| name.to_owned())
        });
        Self { name: name.unwrap_or_default(), groups: read("/etc/group") }
    }

    /// Name of a group, and whether this user is listed as its member.
    fn group(&self, id: u32) -> (String, bool) {
        let found = self.groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let same = fields.nth(1)?.parse() == Ok(id);
            same.then(|| (name.to_owned(), self.is_among(fields.next())))
        });
        found.unwrap_or_else(|| (id.to_string(), false))
    }

    fn is_among(&self, members: Option<&str>) -> bool {
        !self.name.is_empty() && members.is_some_and(|m| m.split(',').any(|m| m == self.name))
    }

    fn exists(&self, group: &str) -> bool {
        self.groups.lines().any(|line| line.split(':').next() == Some(group))
    }
}

fn explain(owner: &Owner, user: &User, class: &str, usual: &str) -> (String, String) {
    let (group, member) = user.group(owner.group);
    if !owner.group_may || owner.group == 0 {
        let usual = if user.exists(usual) { usual } else { "dialout" };
        return (
            "only root may use it: no udev rule gives it to a group".into(),
            format!(
                "put the line SUBSYSTEM==\"{class}\", GROUP=\"{usual}\", MODE=\"0660\" into \
                 /etc/udev/rules.d/70-deku.rules, then `sudo udevadm control --reload && sudo \
                 udevadm trigger`, and `sudo usermod -aG {usual} $USER` if you are not in {usual}"
            ),
        );
    }
    if member {
        return (
            format!("you are in the group {group}, but were not when this session began"),
            format!("log out and in again, or try at once with `sg {group} -c 'deku ...'`"),
        );
    }
    (
        format!("it belongs to the group {group}, in which you are not"),
        format!("`sudo usermod -aG {group} $USER`, then log out and in again"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(owner: Owner) -> String {
        let groups = "root:x:0:\ndialout:x:20:ann,bob\nspi:x:30:ann\n".to_owned();
        let user = User { name: "bob".into(), groups };
        let (cause, fix) = explain(&owner, &user, "spidev", "spi");
        format!("{cause}; {fix}")
    }

    #[test]
    fn what_is_missing_is_named() {
        let not_in = text(Owner { group: 30, group_may: true });
        assert!(
            not_in.contains("group spi, in which you are not; `sudo usermod -aG spi"),
            "{not_in}"
        );
        let old_session = text(Owner { group: 20, group_may: true });
        assert!(old_session.contains("log out and in again, or try at once with `sg dialout"));
        for owner in [Owner { group: 0, group_may: true }, Owner { group: 30, group_may: false }] {
            let rule = text(owner);
            assert!(rule.contains("SUBSYSTEM==\"spidev\", GROUP=\"spi\", MODE=\"0660\""), "{rule}");
        }
        let nameless = text(Owner { group: 4711, group_may: true });
        assert!(nameless.contains("usermod -aG 4711"), "{nameless}");
    }

    #[test]
    fn the_node_itself_is_asked() {
        assert!(may_use(Path::new("/dev/null")));
        assert!(!may_use(Path::new("/dev/no-such-node")));
        assert_eq!(of_node(Path::new("/dev/null"), true, "tty", "dialout"), Access::Granted);
    }
}
