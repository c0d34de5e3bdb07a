//! `deku`, the command line of the learning module. See docs/cli.md.

fn main() -> std::process::ExitCode {
    deku_cli::cli::main()
}
