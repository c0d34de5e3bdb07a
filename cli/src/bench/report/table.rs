//! Tables of Markdown.

/// A table.
pub struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// With this head.
    pub fn new(head: &[&str]) -> Self {
        let text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
        Self { text, columns: head.len() }
    }

    /// Adds a row; cells that are left out are empty.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        self.text += "|";
        for n in 0..self.columns {
            self.text += &format!(" {} |", cells.get(n).map_or("", |cell| cell.as_ref()));
        }
        self.text += "\n";
    }

    /// All of it.
    pub fn text(self) -> String {
        self.text
    }
}
