//! Blocks alone.

#[derive(clap::Args, Debug)]
pub struct Args {}

pub fn run(_: &Args, _: crate::output::Output) -> crate::error::Result<()> {
    Ok(())
}
