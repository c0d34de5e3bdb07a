//! `deku explain`: what an error code means.

use serde_json::json;

use crate::error::codes::{find, page, Code, TABLE};
use crate::error::{Error, Result};
use crate::output::Output;

/// Say what an error code means, or list all of them.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Code between the brackets of `error[...]`
    code: Option<String>,
    /// Print docs/errors.md
    #[arg(long, hide = true, conflicts_with = "code")]
    page: bool,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    if args.page {
        print!("{}", page());
        return Ok(());
    }
    let shown: Vec<&Code> = match &args.code {
        Some(name) => vec![find(name).ok_or_else(|| unknown(name))?],
        None => TABLE.iter().collect(),
    };
    for code in &shown {
        let exit = code.kind.map(crate::error::Kind::exit_code);
        let end = exit.map_or("warning".into(), |exit| format!("exit {exit}"));
        output.say(format!("{:<22} {end:<8} {}", code.name, code.meaning));
        let fields = json!({ "code": code.name, "exit": exit, "meaning": code.meaning });
        output.event("code", fields);
    }
    output.summary("explain", json!({ "codes": shown.len() }));
    Ok(())
}

fn unknown(name: &str) -> Error {
    Error::usage("explain/unknown", format!("there is no code `{name}`"))
        .cause("it is mistyped, or of another version of deku")
        .fix("`deku explain` lists them")
}
