//! The table of tools that the set-up prints.

use super::record::Tools;

/// Prints every tool: name, version, how it was found, where it is.
pub fn print(tools: &Tools) {
    print!("{}", render(tools));
}

fn render(tools: &Tools) -> String {
    let mut rows = vec![["tool", "version", "found", "path"].map(str::to_owned)];
    for (name, tool) in tools.iter() {
        let mut version = tool.version.clone();
        if tool.fst == Some(false) {
            version += " (no FST waveforms: install liblz4-dev and zlib1g-dev)";
        }
        let path = tool.path.display().to_string();
        rows.push([name.to_owned(), version, tool.found.clone(), path]);
    }
    align(&rows)
}

fn align(rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (a, b, c) = (width(0), width(1), width(2));
    let lines = rows.iter().map(|[name, version, found, path]| {
        format!("  {name:a$}  {version:b$}  {found:c$}  {path}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::align;

    #[test]
    fn columns_line_up() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned);
        let text = align(&[row(["a", "b", "c", "d"]), row(["long", "1", "PATH", "/x"])]);
        assert_eq!(text, "  a     b  c     d\n  long  1  PATH  /x\n");
    }
}
