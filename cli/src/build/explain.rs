//! What the tools mean when they fail.

const TOO_LARGE: &str = "the module does not fit into the FPGA";
const SMALLER: &str =
    "make the configuration smaller: as many mac_pairs as the FPGA has multipliers, no UART, 15 accumulator_bits";

/// Part of a message, likely cause, fix.
const KNOWN: [(&str, &str, &str); 7] = [
    ("Failed to expand region", TOO_LARGE, SMALLER),
    ("Unable to place cell", TOO_LARGE, SMALLER),
    ("Unable to find a placement location", TOO_LARGE, SMALLER),
    (
        "Unable to find legal placement",
        "the FPGA is too full for this seed",
        "try more --seeds, or a smaller configuration",
    ),
    (
        "is not a valid pin name",
        "the board's file names a pin that the package does not have",
        "correct the board's file",
    ),
    ("No space left on device", "the disk is full", "make room, or build elsewhere with --out"),
    ("MemoryError", "there is not enough memory", "close other programs; 1 GB is enough"),
];

/// Likely cause and fix of a failure, from what the tool said and its exit code (none if it was
/// killed).
pub(super) fn explain(log: &str, code: Option<i32>) -> (String, String) {
    let said = log.lines().rev().map(str::trim).find(|line| line.contains("ERROR"));
    if let Some((_, cause, fix)) = KNOWN.iter().find(|(part, ..)| log.contains(part)) {
        let quote = said.map_or(String::new(), |line| format!(" ({line})"));
        return (format!("{cause}{quote}"), (*fix).to_owned());
    }
    if code.is_none() {
        let fix = "close other programs or add memory, then try again";
        return ("it was stopped, perhaps because memory ran out".into(), fix.into());
    }
    let last = log.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let quote = said.or(last).unwrap_or("it did not say why");
    let fix = "try the project's own board and configuration; if that fails too, it is a bug";
    (format!("it said: {quote}"), fix.into())
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn known_messages_are_translated() {
        let (cause, fix) =
            explain("Info: x\nERROR: Unable to place cell 'a', no Bels remaining\n", Some(1));
        assert!(cause.starts_with("the module does not fit") && cause.contains("'a'"), "{cause}");
        assert!(fix.contains("smaller"));
        let said = "ERROR: Failed to expand region (0, 0) |_> (25, 31) of 5591 ICESTORM_LCs";
        let (cause, _) = explain(said, Some(1));
        assert!(cause.starts_with("the module does not fit") && cause.contains("5591"), "{cause}");
    }

    #[test]
    fn others_are_quoted() {
        assert_eq!(explain("a\nERROR: odd\nb\n", Some(1)).0, "it said: ERROR: odd");
        assert_eq!(explain("a\nlast\n\n", Some(1)).0, "it said: last");
        assert_eq!(explain("", Some(1)).0, "it said: it did not say why");
        assert!(explain("", None).0.contains("memory"));
    }
}
